# What the screens say, in English. The same keys stand in vi.ftl; a test holds the two against each other.

## What belongs to every screen.
product = Phường IOC
map = Map
loading = Loading…
loading-slow = Taking longer than usual…
retry = Try again
close = Close
status = Status
code = Code
address = Address
area = Area
position = Position
unknown = Unknown
unplaced = Not on the map yet
skip-to-panel = Skip to the panel
sheet-resize = Change the height of the panel
page-open-map = Open map
page-households = Households
page-operations = Operations
page-missing = There is no such page
page-missing-explained = Check the address, or open the map.
demo = Demo data
demo-explained = People, households and figures here were generated for show.

## The person: language, theme, signing in.
account-menu = Account
language = Language
theme = Theme
theme-dark = Dark
theme-light = Light
sign-in = Sign in
sign-out = Sign out
sign-in-waiting = Checking…
sign-in-help = Forgotten your password? Ask the ward's administrator to reset it.
sign-in-first = Sign in first
sign-in-first-explained = This page is for officers of the ward.
forbidden-explained = This page belongs to another duty. If you need it, ask the administrator for an appointment.
login = Login
password = Password
sign-in-code = Six-digit code of the authenticator app
role-public = Public
role-tdp_head = TDP head
role-leader = Ward leader
role-operator = Duty operator
role-police = Ward police
role-one_stop = One-stop officer
role-landlord = Landlord
role-admin = Administrator

## Why somebody's data is looked up.
reason-title = Reason for access
reason-explained = Your name, time and reason are kept; residents can learn of them.
reason-usual = Usual reasons
reason-residence = Residence check
reason-report = Handling a report
reason-case = Case number…
reason-field = The reason in detail
reason-too-short = Say more: at least { $count } characters.
reason-submit = View
reason-state = State a reason
opening-is-kept = This look has been recorded.

## The connection.
connection-lost = Disconnected since { $time }. Retrying.
live-connecting = Connecting
live-connected = Live
live-lost = Offline

## Refusals and failures, by their codes.
failure-unreachable = The server does not answer. Check the network and try again.
failure-unreadable = The server and this screen do not match. Reload the page.
failure-other = Not done: { $detail }
status-400 = The request is not valid.
status-401 = Your session has ended. Sign in again.
status-403 = Outside your duties
status-404 = Not found or outside your area.
status-429 = Too many attempts in a short time. Wait a moment.
status-500 = The server failed. The failure was logged; try again.
status-502 = The server is restarting. Try again in a few minutes.
status-503 = The database does not answer. Try again in a few minutes.
refusal-sign_in_required = Sign in to see this.
refusal-not_found = Not found or outside your area.
refusal-forbidden = Your role may not do this.
refusal-residents-reason_required = State a reason before opening people; an earlier one expires after 15 minutes.
refusal-search-too_long = The search is too long. Try fewer words.
refusal-accounts-sign_in_refused = Login or password is wrong.
refusal-accounts-locked = The account is locked until { $time } after too many wrong attempts.
refusal-accounts-too_many_attempts = Too many attempts from this computer. Try again after { $time }.
refusal-accounts-code_required = Enter the six-digit code of your authenticator app.
refusal-accounts-code_refused = The code is wrong or was used. Wait for the next one.
refusal-accounts-code_not_enrolled = This account needs an authenticator code but has none yet. See the ward's administrator.
refusal-camera_alerts-already_taken = Somebody has taken this alert already.
refusal-camera_alerts-already_closed = The alert is closed. Reopen it to go on.
refusal-camera_alerts-not_taken = Nobody has this alert.
refusal-camera_alerts-not_closed = The alert is open.
refusal-camera_alerts-no_such_handler = This person does not answer for alerts here. Choose somebody else.
refusal-camera_alerts-hold_reason_required = Say why, in 8 characters or more.
refusal-camera_alerts-snapshot_not_held = Nobody keeps this picture any more. Look at the alert again.
refusal-camera_alerts-reason_required = State a reason before seeing a plate; an earlier one expires after 15 minutes.
refusal-ingest-already_replayed = This was taken in already.
refusal-ingest-already_put_away = Somebody has put this away already; see “Put away”.
refusal-ingest-unknown_camera = There is no such camera in the device's area. Add it, then take this in again.
refusal-ingest-ambiguous_camera = Several cameras have this name. Use the camera's code.
refusal-ingest-unknown_kind = This kind of alert is not known.
refusal-ingest-unreadable_item = What the device sent cannot be read.
refusal-ingest-unreadable = What the device sent cannot be read.
refusal-ingest-bad_time = The device's clock is wrong. Set it.

## Numbers and times.
people = { $count ->
        [one] { $count } person
       *[other] { $count } people
    }
ago-just-now = just now
ago-minutes = { $count ->
        [one] { $count } minute ago
       *[other] { $count } minutes ago
    }
ago-hours = { $count ->
        [one] { $count } hour ago
       *[other] { $count } hours ago
    }
ago-yesterday = yesterday { $time }
updated = Updated { $when }
stale-since = Stale since { $time }
counted-at = counted at { $time }
heard-at = live · { $time }
figure-failed = could not be read
in-force = current boundaries
status-since = { $status } since { $time }
weekdays = Monday | Tuesday | Wednesday | Thursday | Friday | Saturday | Sunday
compass = North | North-east | East | South-east | South | South-west | West | North-west
years-old = { $count ->
        [one] { $count } year old
       *[other] { $count } years old
    }

## Finding.
search = Search
search-hint = Find a household, alley, camera, business…
search-hint-open = Find a street, alley, place, business…
search-hint-households = Find a name, house number, alley
search-clear = Clear
search-more = { $count } more
search-results = Results
search-by-name-needs-reason = Searching people by name needs a reason.
search-recent = Recent
search-indexing = Indexing, { $percent }%. Some results are still missing.
commands = Commands
command-dark = Switch to the dark theme
command-light = Switch to the light theme
command-language = Switch to Vietnamese (Tiếng Việt)
command-open-page = Go to: { $page }
command-show-layer = Show the layer { $layer }
command-hide-layer = Hide the layer { $layer }
no-match = No match. Try a house number or alley.
find-household = Find a household
find-household-hint = Type part of a name, a house number or an alley, accents not needed: “ba hanh ngo 34”.
tab-find = Find
group-area = Areas
group-road = Streets and alleys
group-place = Public places
group-business = Businesses
group-building = Buildings
group-household = Households
group-boarding_house = Boarding houses
group-camera = Cameras

## On the map.
layers = Layers
base-map = Base map
layers-failed = The layers could not be loaded.
zoom-to-see = Zoom in to see
map-broken = This browser cannot draw the map (it needs WebGL). Search and cards still work.
map-controls = Map controls
zoom-in = Zoom in
zoom-out = Zoom out
lean = Lean the map
map-tools = Map tools
measure = Measure
measure-length = Distance
measure-surface = Area
measure-around = { $length } around
measure-how = Click on the map for each corner, double-click to finish.
measure-add-middle = Set a corner at the middle
measure-anew = Measure anew
undo = Undo
copy-link = Copy link
link-copied = Link copied
link-not-copied = The browser does not let it be copied; copy it from the address bar.
locate = My location
locate-refused = Location unknown: this device does not allow it, or has no signal.
full-screen = Full screen
households-count = { $count ->
        [one] { $count } household
       *[other] { $count } households
    }
layers-in-view = Numbers are of what is in view
layer-details = Legend and filters: { $layer }
of-total = { $count } in all
filters-on = { $count ->
        [one] { $count } filter
       *[other] { $count } filters
    }
filters-clear = Clear filters
and-more = { $count } and more
kind = Kind
people-in-household = People in the household
households-per-house = Households in the house
rooms-unit-title = Rooms
has-vacancy = With vacant rooms
no-vacancy = Full
drawn-as = Drawn as
drawn-as-points = Each one
drawn-as-cells = Density
cells-explained = How many in each hexagon; it keeps its size on screen at every zoom.
legend-ward-line = Boundary of the ward
legend-tdp-line = Boundary of a TDP
legend-outside = Outside the ward
legend-storeys = { $count } storeys
legend-green = Parks, fields, grounds
legend-household = Each dot is a household
legend-far = From afar
legend-near = From near
legend-camera-view = What it sees
legend-heading-unknown = Heading unknown
legend-place = Icon by its kind
print = Print the map
print-side = Side of the paper
print-wide = A4 landscape
print-high = A4 portrait
print-title = Title
print-now = Print
print-drawing = Drawing…
print-scale = Scale 1:{ $scale }
print-north = North is up
print-at = Printed { $time }
print-source = Source: { $source }
compare = Compare two days
compare-day = Earlier day
compare-now = Today
compare-line = Line between the two days
compare-then-now = { $then } → { $now }
compare-how = Left of the line is the end of that day, right of it is now. Rebuilt from the history of changes; of the time before data was loaded nothing is known (—).
compare-cut = Too many points: only part of the earlier day is drawn.
area-choice = Choose an area
whole-ward = Whole ward
show-whole-area = Show all of it
tdp-count = TDPs
one-area = Area
one-road = Road
one-building = Building
one-water = Water
one-land_use = Land use
one-place = Place
one-household = Household
one-boarding_house = Boarding house
one-business = Business
one-camera = Camera
one-camera_alert = Camera alert
one-incident = Incident
one-citizen_report = Report
one-hotspot = Hot spot
area-province = Province
area-ward = Ward
area-tdp = Neighbourhood group
places = Public places
place-ward_office = Ward office
place-police = Ward police station
place-culture_house = Culture house
place-qr_board = QR board
place-loudspeaker = Loudspeaker
place-heritage = Heritage site
place-market = Market
place-cashless_market = Cashless market
place-wifi = Free Wi-Fi
place-school = School
place-university = University or college
place-health = Health station
place-pharmacy = Pharmacy
place-worship = Place of worship
place-park = Park
place-sports = Sports ground
place-bus_stop = Bus stop
place-parking = Car park
place-toilet = Public toilet
place-bank = Bank
place-post = Post office
place-other = Other place
building-house = House
building-villa = Villa
building-apartments = Apartment building
building-shop = Shop
building-school = School
building-campus = Campus building
building-factory = Factory
building-market = Market
building-office = Office
building-public = Public building
building-religious = Religious building
building-outbuilding = Outbuilding
building-other = Other building
road-national_road = National road
road-main_road = Main road
road-street = Street
road-alley = Alley
road-side_alley = Side alley
road-branch_alley = Branch alley
road-service = Service road
road-path = Path
road-leaves = Leaves
length = Length
width = Width
storeys = Storeys

## Households and residents.
household = Household
households = Households
residents = Residents
household-of-woman = Household of Ms { $name }
household-of-man = Household of Mr { $name }
household-with = Household with { $name }
households-in-house = { $count ->
        [one] { $count } household in the house
       *[other] { $count } households in the house
    }
residents-unit = { $count ->
        [one] resident
       *[other] residents
    }
storeys-unit = { $count ->
        [one] storey
       *[other] storeys
    }
households-unit = { $count ->
        [one] household in the house
       *[other] households in the house
    }
near-you = Near you
near-middle = Around the middle of the map
none-near = No household here within your area.
storeys-count = { $count ->
        [one] { $count } storey
       *[other] { $count } storeys
    }
open-household = View the people
directions = Directions
born = Born
education = Education
occupation = Occupation
national-id = National ID
phone = Phone
show-full-identity = Show in full
military-age = Of age to register for military service
sex-male = male
sex-female = female
relation-head = Head of household
relation-spouse = Spouse
relation-child = Child
relation-parent = Parent
relation-grandchild = Grandchild
relation-sibling = Sibling
relation-child_in_law = Child-in-law
relation-other = Other member
relation-spouse-male = Husband
relation-spouse-female = Wife
relation-parent-male = Father
relation-parent-female = Mother
relation-child_in_law-male = Son-in-law
relation-child_in_law-female = Daughter-in-law
residence-permanent = Permanent residence
residence-temporary = Temporary residence
residence-short_stay = Short stay
education-none = None
education-preschool = Preschool
education-primary = Primary school
education-lower_secondary = Lower secondary school
education-upper_secondary = Upper secondary school
education-vocational = Vocational training
education-college = College
education-university = University
education-postgraduate = Postgraduate

## Boarding houses.
boarding-houses = Boarding houses
rooms-unit = { $count ->
        [one] room
       *[other] rooms
    }
vacant-unit = { $count ->
        [one] vacant room
       *[other] vacant rooms
    }
tenants-unit = { $count ->
        [one] tenant
       *[other] tenants
    }
rooms-declared = Rooms declared
tenants-declared = Tenants declared
open-tenants = View the tenants
landlord = Landlord
rents-since = here since { $day }
declared = Residence declared
not-declared = Residence not declared
home-province = Home province

## Businesses.
businesses = Businesses
business-company = Company
business-household_business = Household business
business-status-operating = Operating
business-status-suspended = Suspended
business-status-closed = Closed
sector = Sector
vsic = VSIC code
opened-on = Opened
tax-code = Tax code
sector-A = Agriculture, forestry and fishing
sector-B = Mining and quarrying
sector-C = Manufacturing
sector-D = Electricity and gas supply
sector-E = Water supply and waste
sector-F = Construction
sector-G = Wholesale, retail and vehicle repair
sector-H = Transport and storage
sector-I = Accommodation and food
sector-J = Information and communication
sector-K = Finance and insurance
sector-L = Real estate
sector-M = Professional and technical services
sector-N = Administrative and support services
sector-O = Public administration and defence
sector-P = Education
sector-Q = Health and social work
sector-R = Arts and recreation
sector-S = Other services
sector-T = Household employment
sector-U = International organisations

## Cameras.
cameras = Cameras
cameras-online = Cameras online
cameras-online-at = { $online } online · { $time }
cameras-silent = No signal
cameras-all = All
cameras-all-answer = Every camera is online.
camera-looks = Looks
camera-angle = Angle of view
camera-range = Range
camera-status-online = Online
camera-status-offline = Offline
camera-status-unknown = Signal unknown

## Camera alerts.
alerts = Alerts
alerts-open = Needs action
time = Time
alerts-all = All
alerts-by-severity = { $grave } critical or high · { $medium } medium
alerts-waiting = { $count } new
alerts-no-match = No such alerts. Try fewer filters.
alerts-search = Code, camera
alerts-given = Assigned to you: { $count }
alerts-open-figure = Open alerts
alerts-grave = { $critical } critical, { $high } high
alerts-overdue = Overdue
alerts-with-shelved = With shelved
alerts-only-shelved = Only shelved
alerts-median = Taken after (median)
alerts-taken-today = { $count } today
alert-kind = Kind
alert-outcome = Outcome
alert-began = Began
alert-near = Near { $address }, { $distance } away
alert-escalated-to = Passed up to { $name }
alert-lost-race = { $name } took this at { $time }.
alert-lost-to-assigned = Assigned to { $name } at { $time }.
alert-day = Last 24 hours
alert-day-source = Camera alerts, 15 minutes a bar
severity-rest = Others
day-how = Choose a time. Arrows move it by 15 minutes, with Shift they stretch it, Esc clears it.
day-brushed = From { $from } to { $until }
day-whole = The whole day
day-clear = Clear the time
alerts-brushed = Every alert that began from { $from } to { $until }, closed and shelved ones too.
alerts-brushed-clear = Back to what needs action
now = Now
standing-open = Needs action
standing-unclaimed = Unclaimed
standing-mine = Mine
standing-closed = Closed
standing-all = All
filters = Filters
time-from = From
time-until = Until
last-hours = { $count ->
    [one] Last hour
   *[other] Last { $count } hours
}
last-days = { $count ->
    [one] Last day
   *[other] Last { $count } days
}
due-in-minutes = { $count } min left
due-in-hours = { $count } h left
overdue-now = overdue now
overdue-minutes = { $count } min overdue
overdue-hours = { $count } h overdue
overdue-days = { $count ->
    [one] { $count } day overdue
   *[other] { $count } days overdue
}
seconds = { $count } s
minutes-figure = { $minutes } min
decimal-comma = .
said-taken = Taken.
said-assigned = Assigned.
said-given-back = Given back.
said-noted = Noted.
said-closed = Closed.
said-reopened = Reopened.
keys = Keys
key-next = Next alert
key-previous = Previous alert
key-open = Into the open card
sound-on = Turn sound on
sound-off = Turn sound off
page-alerts = Camera alerts
command-my-alerts = My alerts
tab-list = List
nothing-needs-action = Nothing needs action.
severity = Severity
severity-critical = Critical
severity-high = High
severity-medium = Medium
alert-kind-crowd = Crowd
alert-kind-theft = Theft
alert-kind-harassment = Harassment
alert-kind-illegal_parking = Illegal parking
alert-kind-illegal_stopping = Illegal stopping
alert-kind-oversize_lorry = Oversize lorry
alert-kind-encroachment = Pavement encroachment
alert-kind-street_market = Street market
alert-kind-collision = Collision
alert-kind-wanted_vehicle = Wanted vehicle
alert-kind-intrusion = Intrusion
alert-kind-fire_or_smoke = Fire or smoke
alert-kind-camera_silent = Camera silent
alert-outcome-handled = Handled
alert-outcome-false_alarm = False alarm
alert-outcome-duplicate = Duplicate
alert-step-assigned = Assigned
alert-step-taken = Taken
alert-step-given_back = Give back
alert-step-given-back-of = Given back, was with { $name }
alert-step-noted = Note
alert-step-closed = Closed
alert-step-reopened = Reopened
alert-step-taken-from = Taken, was with { $name }
alert-step-escalated = Nobody took it in time; one step up
alert-step-overdue = Overdue, nobody took it
alert-step-escalated-to = Not taken in time, passed up to { $name }
alert-step-assigned-to = Assigned to { $name }
alert-step-closed-as = Closed: { $outcome }
alert-unclaimed = Unclaimed
alert-taken-by = { $name } has it
alert-assigned-to = Assigned to { $name }
alert-take = Take
alert-close = Close
alert-close-save = Close alert
alert-hand-over = Assign
alert-note = Note
alert-reopen = Reopen
alert-reopen-reason = Why it is reopened
alert-legal-basis = Legal basis
alert-fine = Fine (VND)
alert-close-register = With a legal basis or a fine it goes into the register of violations; leave both empty for a reminder.
alert-plate = Plate
alert-plate-show = Show the plate
alert-plate-none = None was read
alert-confidence = Confidence
alert-by-rule = By rule
alert-from-until = { $from } to { $until }
alert-picture-of = Picture of camera { $camera }: { $kind }, { $time }
alert-picture-whole = Open the whole picture
alert-picture-none = No picture: the recorder has sent none.
alert-picture-removed = { $days ->
    [one] No picture any more: kept for a day, deleted { $time }.
   *[other] No picture any more: kept for { $days } days, deleted { $time }.
}
alert-picture-failed = The picture did not load. Open the alert again to retry.
alert-picture-held = { $name } keeps the picture since { $time }: { $reason }
alert-picture-hold = Keep the picture
alert-picture-hold-reason = Why it is kept beyond its time
alert-picture-release = Let the picture go
alert-picture-release-reason = Why it is let go
alert-same-camera = { $count ->
    [one] One other alert of this camera in 30 days
   *[other] { $count } other alerts of this camera in 30 days
}

## The register of violations.
page-violations = Violations register
refusal-violations-too_many_rows = The file would have more than 20,000 rows. Choose one month, one kind or one area.
refusal-violations-too_many_plates = A file with plates has at most 500 rows. Choose a shorter period, one kind or one area, or leave the plates out.
register-filters = Filter the register
register-when = Period
register-quarter = Last 3 months
register-year = Last 12 months
register-since = Since { $month }
register-month = Month { $month }
register-kind = Violation
register-all-kinds = All kinds
register-violations = Violations
register-reminded = { $count } reminded only · { $when }
register-found = Found
register-open = { $count } open · { $when }
register-fines = Fines
register-fined = { $count } fined · { $when }
register-to-take = Until taken (median)
register-to-close = Until closed (median)
register-minutes = { $count } min
register-by-month = Violations by month
register-by-kind = Violations by kind
register-code = Code
register-time = Time
register-place = Place
register-near = near { $address }
register-fine = Fine
register-closed-by = Closed by
register-empty = No violation in this period. The register holds alerts that were handled on a legal basis or with a fine.
register-download = Download { $kind }
register-with-plates = With plates
register-print = Print list

## The rules of alerts.
page-alert-rules = Alert rules
rules-how = The first rule that fits decides; a neighbourhood group's rules go before its ward's. They hold for alerts that come after saving.
rules-none = This area has no rules yet.
rules-undo = Drop changes
rules-first = Rules written for the first time
rules-added = Added: { $rule }
rules-removed = Removed: { $rule }
rules-reordered = Order changed
rule-kind = Kind of alert
rule-every-kind = Every kind
rule-from = From
rule-until = Until
rule-all-hours = at all hours
rule-severity-of-device = As the device says
rule-handler = Assign to
rule-whoever-takes-it = Whoever takes it
rule-handler-gone = somebody who no longer answers for alerts here
rule-sentence = { $kind }, { $hours }: { $decides }
rule-add = Add rule
rule-up = Move up
rule-down = Move down
rule-remove = Remove rule
rule-needs-hours = Fill in both hours, not the same; or leave both empty.
rule-decides-nothing = Choose a severity or a handler.
## What devices sent and could not be taken in.
page-quarantine = Device reports kept aside
quarantine-explained = Devices sent these, and they could not be taken in. Mend the reason, then replay; put away what nobody needs. Nothing is lost.
quarantine-waiting = Waiting
quarantine-all = All
quarantine-reload = Reload the list
quarantine-empty = Everything that devices sent was taken in.
quarantine-no-camera = No camera named
quarantine-ingest-unknown_camera = No such camera
quarantine-ingest-ambiguous_camera = Several cameras of that name
quarantine-ingest-unknown_kind = Unknown kind of alert
quarantine-ingest-unreadable_item = Cannot be read
quarantine-ingest-unreadable = No readable data
quarantine-ingest-bad_time = Wrong clock of the device
quarantine-ingest-too_many_waiting = Too many waiting: only counted
quarantine-add-camera = Add the camera, then replay.
quarantine-use-code = Name the camera in the device by its code.
quarantine-set-clock = Set the device's clock.
quarantine-device = Device
quarantine-way = Came by
quarantine-times = Times sent
quarantine-first = First
quarantine-last = Latest
quarantine-technical = Technical detail
quarantine-payload = What the device sent
quarantine-nothing-shown = Nothing of it can be shown.
quarantine-is-in = Taken in
quarantine-replay = Replay
quarantine-replay-alike = Replay all { $count } of this camera
quarantine-taken-in = { $count } taken in.
quarantine-is-away = Put away
quarantine-none-away = Nothing has been put away.
quarantine-put-away = Put away
quarantine-was-put-away = { $count } put away.
quarantine-away-reason = Why it is not needed, 8 characters or more
quarantine-away-alike = And all that wait like it
quarantine-away-how = Like it: of the same device, for the same reason, of the same camera. What is put away stays under “Put away” with name, time and reason; if the very same is sent again, it is only counted.
fault-missing = The field { $field } is missing.
fault-empty = The field { $field } is empty.
fault-too-long = The field { $field } is too long.
fault-control-characters = The field { $field } holds characters that cannot be printed.
fault-no-time = The field { $field } is no time with its zone, such as 2026-11-22T08:00:00+07:00.
fault-in-future = The field { $field } lies in the future: the device's clock is fast.
fault-long-ago = The field { $field } lies before the year 2000: the device's clock is wrong.
fault-ends-before-begin = It ends before it begins.
fault-out-of-range = The field { $field } lies outside what is allowed.
fault-unexpected = The field { $field } holds a value of another type.
fault-unexpected-somewhere = It is not put together in a way that can be read.
fault-not-json = No JSON of one object or a list of objects.
fault-not-frigate = Not what Frigate sends on this topic.
fault-not-a-state = The state is neither online nor offline nor disabled.
fault-unstorable = The database cannot keep it.
clock-behind = The clock of device { $device } is { $time } behind
clock-ahead = The clock of device { $device } is { $time } ahead
clock-asks-nobody = its alerts have asked nobody
clock-refused = its reports are not taken in
clock-wrong-hour = its alerts stand at a wrong hour
clock-told = { $clock }: { $costs }. Set it at the device (NTP, zone).
## Folding, shelving, and what a recorder shows.
alerts-unfold = Show all { $count } alerts
alerts-fold = Show less
alerts-flood = { $count } alerts in 10 minutes, grouped
alert-shelve = Shelve
alert-shelved-until = Shelved until { $time }
shelved = Shelved
shelved-count = { $count ->
    [one] { $number } alert is shelved
   *[other] { $number } alerts are shelved
}
shelved-show = Show
shelved-only = Only shelved alerts
shelved-back = Back to the usual list
shelf-of-camera-and-kind = Camera { $code }: { $kind }
shelf-of-camera = Camera { $code }, every kind
shelf-of-kind = { $kind }, every camera of { $area }
shelf-told = { $what }, until { $time }, { $name }: { $reason }
shelf-end = Show again
shelve-how-long = For how long
shelve-reason = Reason (8 characters or more)
shelve-how = Alerts stay in the record; critical ones, and those that somebody has taken, are never shelved. Everybody who sees alerts reads your name and reason.
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
cameras-offline-one = 1 offline since { $time }
cameras-offline-since = { $count } offline · from { $time }
camera-live-view = Watch live
alert-clip = Watch the clip
recorder-open = Open at the recorder
recorder-links = Recorder links
recorder-how = The viewer's browser opens this address itself, and the recorder asks who they are. Never write a password here.
recorder-insert = Insert into the address
recorder-camera = camera code
recorder-start = begin (Unix seconds)
recorder-end = end (Unix seconds)
recorder-example = Example: { $address }
recorder-none = No link.
recorder-hosts = May lead only to: { $hosts }
recorder-no-hosts = No recorder is configured (IOC_RECORDER_HOSTS), so no link can be saved.
recorder-alike = Also for other cameras of { $area } with the same links now ({ $number })
recorder-alike-none = Also for other cameras of { $area } without links ({ $number })
recorder-remove = Remove links
refusal-alert_shelves-already_ended = These alerts are shown again already.
refusal-cameras-no_live_view = This camera has no link to a live view.
refusal-cameras-no_clip = This camera has no link to clips.
refusal-cameras-recorder_host = The recorder's host is not among those configured.
refusal-cameras-recorder_secret = The recorder's address must not hold a user, password or token.

## Areas drawn, and counts that everybody may have.
published-title = People per neighbourhood group
published-none = No month has been published yet.
published-month = { $month } · counted at { $time }
published-withheld = “—”: withheld, being fewer than { $least } households or people, or covering such a figure.
published-how = Source and method
published-on-map = Residents per cell on the map
published-legend = Residents per cell
withheld = withheld
draw = Draw an area
draw-circle = Circle
draw-lasso = Freehand
draw-area = Area
draw-road = Along a road
draw-circle-how = Drag on the map from the middle outwards, or place it in the middle of the map.
draw-lasso-how = Drag a loop on the map, or set corner by corner and press Done.
draw-radius = Radius (m)
draw-metres = To each side (m)
draw-at-middle = Place in the middle of the map
draw-finish = Done
draw-anew = Draw again
draw-choose = Choose…
draw-road-name = Name of a street or alley
draw-selected-road = Along the selected road
chart-household-sizes = Households by size
chart-storeys = Buildings by storeys
chart-sectors = Businesses by sector
rooms-let = Rooms to let
rooms-vacant = Vacant rooms
tenants = Tenants
counted-within = Households, residents, boarding houses and cameras are counted within { $areas } only.
area-names = State a reason to see heads' names
download-csv = Download CSV
list-more = Show more
refusal-drawn_areas-bad_shape = This area cannot be counted in. Draw it again.
refusal-drawn_areas-no_such_ground = This area or road is no longer on the map.
## Editing on the map.
edit = Edit
edit-name = Name
edit-kind = Kind
edit-how = Drag the point, click the map or use the arrow keys (1 m; with Shift 10 m). Enter saves, Esc cancels.
edit-how-by-touch = Drag the point, or tap the map.
edit-how-unplaced = Click the map to place the point.
edit-move-handle = Point on the map. Arrow keys move it by 1 m, with Shift by 10 m.
edit-turn-handle = Where it looks. Left and right turn by 1°; up and down change the range by 1 m; with Shift ten times that.
edit-kept = Saved.
save = Save
cancel = Cancel
conflict = This was changed at { $time }.
conflict-by = { $name } changed this at { $time }.
conflict-theirs = In force
conflict-mine = Mine
conflict-keep-theirs = Keep what is there
conflict-write-mine = Write mine
history = History
history-empty = No change has been recorded.
history-in-database = Written in the database itself
history-insert = Added
history-delete = Deleted
history-changed = { $label }: from { $before } to { $after }
history-moved = Moved by { $distance }
history-placed = Put on the map
history-taken-off = Taken off the map
history-take-back = Put back as before
refusal-edit-conflict = Somebody has just changed this. Look again and decide.
refusal-edit-invalid = Not saved: { $detail }
refusal-edit-out_of_reach = This place is outside your area.
refusal-edit-outside_every_area = This place lies outside every area. Put it inside the ward.
page-unplaced = Not on the map yet
tray-search = Find by name, address, code
tray-kinds = Kind
tray-all = All
tray-empty = Everything is on the map.
tray-more = Show more
tray-drag = Drag onto the map
tray-middle = Put it in the middle of the map
tray-exact = This very address
tray-near = Nearest house by number
tray-no-suggestion = No house has this address.
tray-placed = { $title } is on the map.
refusal-charts-too_much = Too many bars to draw.

## One ward of several, or all of them.
ward-choice = Choose a ward
ward-choice-of = { $name }, choose another ward
ward-choice-hint = Find a ward
ward-choice-none = No ward has such a name.
ward-choose-to-filter = Choose a ward above to filter by camera and area.
ward-choose-for-duty = Choose a ward above to see its roster.
wards-of-city = Whole city ({ $count } wards)
wards-of-province = Whole province ({ $count } wards)
wards-all = All { $count } wards

## The duty roster.
page-duty = Duty roster
duty-now = On duty now
duty-nobody = Nobody is on duty at this moment. New alerts wait for whoever takes them.
duty-until = until { $time }
duty-week = Week { $from } – { $until }
duty-week-before = Week before
duty-week-this = This week
duty-week-after = Week after
duty-repeat-week = Repeat last week
duty-repeated = Shifts added: { $added }; left out, because somebody is on or no longer answers for alerts: { $left }.
duty-day = Day
duty-add = Add a shift
duty-add-on = Put somebody on duty, { $shift } on { $day }
duty-edit = Edit the shift
duty-end = Take off the roster
duty-person = Who is on
duty-person-gone = { $name } (no longer answers for alerts)
duty-from = From
duty-until-field = Until
duty-step = Step
duty-step-first = Answers first
duty-step-shift_lead = Shift lead
duty-step-leader = Leader
duty-kinds = Kinds of alert (none chosen: all)
duty-all-kinds = All kinds of alert
duty-note = Note
answer-times = Time to answer:
answer-time = { $severity } { $minutes } min
answer-times-edit = Change the time to answer
handover = Handover
handover-none = No handover yet.
handover-latest = Latest handovers
handover-note = What the next shift must know
handover-to = Who comes on
handover-to-next = The next shift
handover-give = Give them the alerts that I have: { $count }
handover-write = Hand the shift over
handover-open = Open at that moment: { $counts }
handover-nothing-open = Nothing was open at that moment.
handover-to-whom = To { $name }, with alerts: { $count }
handover-take = I have taken over
handover-taken = { $name } took over at { $time }
refusal-duty-answered_by_another = Somebody is on at that step and time already. Change that shift first.
refusal-duty-does_not_answer = This person does not answer for alerts here. Choose somebody else.
refusal-duty-already_taken_over = Somebody has taken this shift over already.
refusal-duty-own_handover = Whoever comes on acknowledges it, not who hands over.
## The demonstration's own control: paused, 1x, 10x.
demo-speed = Simulation
demo-speed-failed = Simulation: not changed
demo-speed-paused = Pause the simulation
demo-speed-times = Simulation at { $times } times
