//! Free ports of this machine.
//! It deliberately holds none of them: whoever asked starts a server there at once.

use std::net::{SocketAddr, TcpListener};

pub fn free() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
