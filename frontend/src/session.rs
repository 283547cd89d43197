//! Who sits in front of the screen: asks the server at start, signs in and out, and knows what the roles open.
//! What a role may see is the server's decision, made again on every request; here it only spares useless controls.

use gloo_net::http::Method;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::area::AreaKind;
use shared::session::{Permission, Role, SessionArea, SessionInfo, SignIn, Visitor};

use crate::http::{self, Answer, Call, Failure};
use crate::lasting::Lasting;

/// What is known of the person.
#[derive(Debug, Clone, PartialEq)]
pub enum Who {
    /// The first answer is still out.
    Asking,
    Public,
    SignedIn(SessionInfo),
}

#[derive(Clone, Copy)]
pub struct Session {
    who: Lasting<Who>,
}

impl Session {
    /// Asks who this is and hands the answer to everything below.
    pub fn provide() -> Session {
        let session = Session { who: Lasting::new(Who::Asking) };
        provide_context(session);
        session.ask_again();
        session
    }

    /// Asks who this is: at the start, and when the server says that it has changed.
    pub fn ask_again(&self) {
        let who = self.who;
        spawn_local(async move {
            let answer = match http::get::<Visitor>("/api/who").await {
                Ok(Visitor { session: Some(info) }) => Who::SignedIn(info),
                Ok(Visitor { session: None }) => Who::Public,
                // No answer at all says nothing about who this is, unless nothing is known yet.
                Err(Failure::Unreachable) if who.try_with_untracked(|who| *who != Who::Asking) == Some(true) => return,
                Err(_) => Who::Public,
            };
            who.try_set(answer);
        });
    }

    pub fn who(&self) -> Who {
        self.who.get()
    }

    pub fn info(&self) -> Option<SessionInfo> {
        match self.who.get() {
            Who::SignedIn(info) => Some(info),
            Who::Asking | Who::Public => None,
        }
    }

    pub fn info_untracked(&self) -> Option<SessionInfo> {
        untrack(|| self.info())
    }

    pub fn is_signed_in(&self) -> bool {
        self.who.with(|who| matches!(who, Who::SignedIn(_)))
    }

    pub fn is_signed_in_untracked(&self) -> bool {
        self.who.with_untracked(|who| matches!(who, Who::SignedIn(_)))
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.who.with(|who| match who {
            Who::SignedIn(info) => info.permissions.contains(&permission),
            Who::Asking | Who::Public => false,
        })
    }

    /// Names the caller: changes when somebody else sits here. None before the first answer, so that nothing is asked twice.
    pub fn audience(&self) -> Option<String> {
        self.who.with(|who| match who {
            Who::Asking => None,
            Who::Public => Some("public".to_owned()),
            Who::SignedIn(info) => Some(format!("{} {}", info.login, info.expires_at)),
        })
    }

    pub async fn sign_in(&self, request: &SignIn) -> Answer<SessionInfo> {
        let info: SessionInfo = http::post("/api/session", request).await?;
        self.who.set(Who::SignedIn(info.clone()));
        Ok(info)
    }

    pub async fn sign_out(&self) -> Answer<()> {
        let answer = Call::new(Method::DELETE, "/api/session").receive::<()>().await;
        match answer {
            // Already over there: over here too.
            Ok(()) | Err(Failure::Refused { status: 401, .. }) => {
                self.who.set(Who::Public);
                Ok(())
            }
            Err(failure) => Err(failure),
        }
    }
}

/// The signed-in person, or nobody.
pub fn session() -> Session {
    expect_context()
}

/// The page that a person's work begins on.
pub fn own_page(info: &SessionInfo) -> &'static str {
    let has = |role: Role| info.roles.contains(&role);
    if [Role::Operator, Role::Leader, Role::Police, Role::Admin].into_iter().any(has) {
        "/operations"
    } else if has(Role::TdpHead) {
        "/households"
    } else {
        "/"
    }
}

/// The area a person answers for, by its widest appointment: "TDP 3", or the ward.
pub fn own_area(info: &SessionInfo) -> Option<String> {
    widest_area(info).map(|area| area.name.clone())
}

pub fn widest_area(info: &SessionInfo) -> Option<&SessionArea> {
    info.areas.iter().min_by_key(|area| depth(area.kind))
}

/// All of that kind: somebody may be the head of two TDPs.
pub fn widest_areas(info: &SessionInfo) -> Vec<&SessionArea> {
    let widest = widest_area(info).map(|area| area.kind);
    info.areas.iter().filter(|area| Some(area.kind) == widest).collect()
}

/// How far below the province.
fn depth(kind: AreaKind) -> u8 {
    match kind {
        AreaKind::Province => 0,
        AreaKind::Ward => 1,
        AreaKind::Tdp => 2,
    }
}
