"""The pages of the console by what people call what they find there: "quiet hours" leads to the settings."""

from collections.abc import Sequence
from dataclasses import dataclass

from carers.roles import Action, StaffMember, may


@dataclass(frozen=True, slots=True)
class Place:
    """A page, and further words by which it is found."""

    name: str
    href: str
    action: Action
    words: str = ""


PLACES = (
    Place("Home", "/", Action.SEE_HOME, "start today to do tasks"),
    Place("Messages", "/messages", Action.READ_MESSAGES, "inbox threads answer urgent"),
    Place("Events", "/events", Action.SEE_EVENTS, "programme"),
    Place("Calendar", "/events/calendar", Action.SEE_EVENTS, "month programme"),
    Place("Plan an event", "/events/start", Action.PLAN_EVENTS, "new event template templates copy"),
    Place("Series", "/events/series", Action.SEE_EVENTS, "series weekly monthly recurring repeat"),
    Place("Term dates", "/events/terms", Action.PLAN_EVENTS, "school terms holidays half term"),
    Place(
        "Kinds of event and their reminders",
        "/events/rules",
        Action.PLAN_EVENTS,
        "settings reminders nudges feedback kinds rules",
    ),
    Place("Who got places", "/events/fairness", Action.SEE_EVENTS, "fairness tickets share ballot"),
    Place("Broadcasts", "/broadcasts", Action.WRITE_BROADCASTS, "messages to many news"),
    Place("Write a message", "/broadcasts/new", Action.WRITE_BROADCASTS, "new broadcast send"),
    Place("Letters", "/letters", Action.SEND_LETTERS, "post print telephone"),
    Place("Audiences", "/audiences", Action.SEE_AUDIENCES, "saved rules whom"),
    Place("Carers", "/carers", Action.SEE_CARERS, "people contact personal link"),
    Place("Households", "/households", Action.SEE_HOUSEHOLDS, "approvals on hold families"),
    Place("Add a household", "/households/new", Action.EDIT_HOUSEHOLDS, "new carer approve"),
    Place("Constellations", "/constellations", Action.SEE_HOUSEHOLDS, "mockingbird hub satellite"),
    Place("Not seen", "/not-seen", Action.CHECK_IN, "check-in contact two quarters"),
    Place("Groups", "/groups", Action.SEE_GROUPS, "support group members"),
    Place("Reach", "/reach", Action.SEE_REACH, "connected email app links ways languages"),
    Place("Not reached", "/not-reached", Action.SEE_NOT_REACHED, "failed blocked unreachable bounced"),
    Place("Register", "/register", Action.IMPORT_REGISTER, "import upload spreadsheet csv export"),
    Place("Requests", "/requests", Action.SEE_STRANGERS, "strangers unknown people"),
    Place("Surveys", "/surveys", Action.SEE_SURVEYS, "rounds results answers health check pulse"),
    Place("Standing surveys", "/surveys/standing", Action.RUN_SURVEYS, "after an event panel exit interview"),
    Place("Survey forms", "/survey-forms", Action.WRITE_SURVEYS, "questions words translations"),
    Place("You said, we did", "/actions", Action.SEE_ACTIONS, "actions findings done"),
    Place("Nominations", "/nominations", Action.SEE_NOMINATIONS, "recognition forum celebrate"),
    Place(
        "Reports", "/reports", Action.SEE_REPORTS, "figures annual report year statistics retention leavers"
    ),
    Place(
        "Settings",
        "/settings",
        Action.SEE_SETTINGS,
        "quiet hours office hours duty phone number fosterline samaritans weekly cap approval danger words"
        " service name version backup",
    ),
    Place("Staff", "/staff", Action.MANAGE_STAFF, "accounts colleagues access roles sign out"),
    Place("Add someone to the staff", "/staff/new", Action.MANAGE_STAFF, "new account colleague"),
    Place("Who may do what", "/staff/roles", Action.SEE_ROLES, "roles rights permissions"),
    Place("Your account", "/account", Action.KEEP_OWN_ACCOUNT, "browsers signed in out told email phone"),
    Place("Work you asked for", "/asked-for", Action.SEE_WORK, "progress files long jobs"),
    Place("Audit log", "/audit", Action.READ_AUDIT, "history who did what changes"),
    Place("Retention", "/retention", Action.SEE_RETENTION, "purge deleted how long kept"),
    Place("Erasure requests", "/erasures", Action.ERASE_CARERS, "erase delete forget gdpr"),
    Place("Deliveries nobody can vouch for", "/deliveries", Action.SEE_FAULTS, "unknown doubt resend aside"),
)


def places_found(words: Sequence[str], staff: StaffMember) -> list[Place]:
    """The pages that this person may open and of which every word begins a word; named ones first."""
    typed = [word.lower() for word in words]
    found = [
        place
        for place in PLACES
        if may(staff, place.action) and all(_begins(word, f"{place.name} {place.words}") for word in typed)
    ]
    return sorted(found, key=lambda place: not all(_begins(word, place.name) for word in typed))


def _begins(word: str, text: str) -> bool:
    return any(one.startswith(word) for one in text.lower().replace(",", "").split())
