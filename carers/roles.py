"""Who may do what: one table, read by every route of the console and every staff command in the chat.

A social worker acts for their own households only; which rows that means is decided by `own_households_of`.
"""

from enum import StrEnum

from storage.staff import Role, StaffMember


class Action(StrEnum):
    """Something that a member of staff can see or do."""

    SEE_HOME = "see the home page"
    SEE_EVENTS = "see events and how many are coming"
    PLAN_EVENTS = "make, change, cancel and send out events"
    WRITE_BROADCASTS = "write, send, stop and recall broadcasts"
    APPROVE_BROADCASTS = "approve a large broadcast of somebody else"
    ANSWER_FOR_CARERS = "answer for a carer who phoned"
    TAKE_ATTENDANCE = "take attendance"
    SEE_NEEDS = "see access and dietary needs"
    SEE_CARERS = "see carers"
    LINK_CARERS = "give a carer a personal link, and choose by which way they are told"
    SEE_NOT_REACHED = "see who was not reached"
    SEND_LETTERS = "print and post letters, and ring who gets letters"
    SEE_REACH = "see who can be told, by which way, and who chose what"
    SEE_HOUSEHOLDS = "see households and constellations"
    EDIT_HOUSEHOLDS = "add and change households, their carers and constellations"
    END_APPROVALS = "note a notice of resignation and the end of an approval"
    IMPORT_REGISTER = "take in the file of the register"
    EXPORT_REGISTER = "take away the register as a file"
    SEE_GROUPS = "see groups and who is in them"
    MANAGE_GROUPS = "make and change groups, and who is in them"
    SEE_AUDIENCES = "see saved audiences and whom they reach"
    SAVE_AUDIENCES = "make, change and delete saved audiences"
    ERASE_CARERS = "erase what is held about a carer"
    SEE_RETENTION = "see how long things are kept and what was deleted"
    READ_MESSAGES = "read what carers wrote"
    ANSWER_MESSAGES = "take, answer, hand over and settle what carers wrote, and take words away"
    SEE_SURVEYS = "see surveys, who was asked and results"
    RUN_SURVEYS = "open and close survey rounds, and share results with carers"
    WRITE_SURVEYS = "write what surveys ask"
    READ_NAMED_ANSWERS = "read who said what in surveys with names"
    CHECK_IN = "see households without contact, and note a check-in"
    NOTE_PANELS = "note that a fostering panel was held"
    SEE_ACTIONS = "see what is done about what carers said"
    WRITE_ACTIONS = "note, change and publish what is done about what carers said"
    SEE_NOMINATIONS = "see whom carers nominate, and shortlist them for a forum"
    SEE_REPORTS = "see reports and take them away"
    WRITE_REPORTS = "write what the service says about the figures of a report"
    SEE_STRANGERS = "see and dismiss requests from strangers"
    SEE_FAULTS = "see updates set aside and deliveries nobody can vouch for"
    SEE_ROLES = "see who may do what"
    KEEP_OWN_ACCOUNT = "see where one is signed in, and choose how one is told"
    SEE_WORK = "see the long work that one has asked for"
    SEE_SETTINGS = "see the settings of the service"
    CHANGE_SETTINGS = "change the settings of the service"
    MANAGE_STAFF = "add and change staff, sign them out and end their access"
    READ_AUDIT = "read the audit log"


_COORDINATOR, _WORKER = Role.COORDINATOR, Role.SOCIAL_WORKER
_MANAGER, _ADMINISTRATOR = Role.MANAGER, Role.ADMINISTRATOR
_EVERYONE = frozenset(Role)

ALLOWED: dict[Action, frozenset[Role]] = {
    Action.SEE_HOME: _EVERYONE,
    Action.SEE_EVENTS: _EVERYONE,
    Action.PLAN_EVENTS: frozenset({_COORDINATOR, _MANAGER, _ADMINISTRATOR}),
    Action.WRITE_BROADCASTS: frozenset({_COORDINATOR, _MANAGER, _ADMINISTRATOR}),
    Action.APPROVE_BROADCASTS: frozenset({_COORDINATOR, _MANAGER, _ADMINISTRATOR}),  # never one's own
    Action.ANSWER_FOR_CARERS: _EVERYONE,
    Action.TAKE_ATTENDANCE: _EVERYONE,
    Action.SEE_NEEDS: frozenset({_COORDINATOR}),  # the organiser alone
    Action.SEE_CARERS: _EVERYONE,
    Action.LINK_CARERS: _EVERYONE,
    Action.SEE_NOT_REACHED: _EVERYONE,
    Action.SEND_LETTERS: _EVERYONE,
    Action.SEE_REACH: _EVERYONE,
    Action.SEE_HOUSEHOLDS: _EVERYONE,
    Action.EDIT_HOUSEHOLDS: _EVERYONE,
    Action.END_APPROVALS: frozenset({_COORDINATOR, _MANAGER}),
    Action.IMPORT_REGISTER: frozenset({_COORDINATOR, _MANAGER, _ADMINISTRATOR}),
    Action.EXPORT_REGISTER: frozenset({_COORDINATOR, _MANAGER, _ADMINISTRATOR}),
    Action.SEE_GROUPS: _EVERYONE,
    Action.MANAGE_GROUPS: frozenset({_COORDINATOR, _MANAGER, _ADMINISTRATOR}),
    Action.SEE_AUDIENCES: frozenset({_COORDINATOR, _MANAGER, _ADMINISTRATOR}),
    Action.SAVE_AUDIENCES: frozenset({_COORDINATOR, _MANAGER, _ADMINISTRATOR}),
    # Not the coordinator: what cannot be undone is done by who answers for the service's records.
    Action.ERASE_CARERS: frozenset({_MANAGER, _ADMINISTRATOR}),
    Action.SEE_RETENTION: frozenset({_MANAGER, _ADMINISTRATOR}),
    # Not the administrator: keeping the machine running needs nobody's words.
    Action.READ_MESSAGES: frozenset({_COORDINATOR, _WORKER, _MANAGER}),
    Action.ANSWER_MESSAGES: frozenset({_COORDINATOR, _WORKER, _MANAGER}),
    # Not the social worker: carers dare to answer because the person they answer about does not look.
    Action.SEE_SURVEYS: frozenset({_COORDINATOR, _MANAGER, _ADMINISTRATOR}),
    Action.RUN_SURVEYS: frozenset({_COORDINATOR, _MANAGER}),
    Action.WRITE_SURVEYS: frozenset({_COORDINATOR, _MANAGER}),
    Action.READ_NAMED_ANSWERS: frozenset({_COORDINATOR, _MANAGER}),
    # Not the administrator: who has to be rung is the concern of those who know the household.
    Action.CHECK_IN: frozenset({_COORDINATOR, _WORKER, _MANAGER}),
    Action.NOTE_PANELS: frozenset({_COORDINATOR, _WORKER, _MANAGER}),
    Action.SEE_ACTIONS: _EVERYONE,
    Action.WRITE_ACTIONS: frozenset({_COORDINATOR, _MANAGER}),
    # Words of carers about each other: not for the administrator, like all that carers write.
    Action.SEE_NOMINATIONS: frozenset({_COORDINATOR, _MANAGER}),
    Action.SEE_REPORTS: frozenset({_COORDINATOR, _MANAGER, _ADMINISTRATOR}),
    Action.WRITE_REPORTS: frozenset({_COORDINATOR, _MANAGER}),
    Action.SEE_STRANGERS: frozenset({_COORDINATOR, _MANAGER, _ADMINISTRATOR}),
    Action.SEE_FAULTS: frozenset({_COORDINATOR, _MANAGER, _ADMINISTRATOR}),
    Action.SEE_ROLES: _EVERYONE,
    Action.KEEP_OWN_ACCOUNT: _EVERYONE,
    Action.SEE_WORK: _EVERYONE,
    Action.SEE_SETTINGS: frozenset({_COORDINATOR, _MANAGER, _ADMINISTRATOR}),
    Action.CHANGE_SETTINGS: frozenset({_ADMINISTRATOR}),
    Action.MANAGE_STAFF: frozenset({_ADMINISTRATOR}),
    Action.READ_AUDIT: frozenset({_MANAGER, _ADMINISTRATOR}),
}


OF_OWN_HOUSEHOLDS: frozenset[Action] = frozenset(
    {
        Action.ANSWER_FOR_CARERS,
        Action.TAKE_ATTENDANCE,
        Action.SEE_CARERS,
        Action.LINK_CARERS,
        Action.SEE_NOT_REACHED,
        Action.SEE_REACH,
        Action.SEND_LETTERS,
        Action.SEE_HOUSEHOLDS,
        Action.EDIT_HOUSEHOLDS,
        Action.SEE_GROUPS,
        Action.READ_MESSAGES,
        Action.ANSWER_MESSAGES,
        Action.NOTE_PANELS,
        Action.CHECK_IN,
    }
)
"""What a social worker does for their own households alone; the rest that they may do shows nobody by name,
but for the households that are theirs."""

TOPICS: dict[str, tuple[Action, ...]] = {
    "Programme": (
        Action.SEE_HOME,
        Action.SEE_EVENTS,
        Action.PLAN_EVENTS,
        Action.ANSWER_FOR_CARERS,
        Action.TAKE_ATTENDANCE,
        Action.SEE_NEEDS,
    ),
    "Messages to many": (
        Action.WRITE_BROADCASTS,
        Action.APPROVE_BROADCASTS,
        Action.SEND_LETTERS,
        Action.SEE_AUDIENCES,
        Action.SAVE_AUDIENCES,
    ),
    "What carers write": (Action.READ_MESSAGES, Action.ANSWER_MESSAGES, Action.SEE_STRANGERS),
    "Carers and households": (
        Action.SEE_CARERS,
        Action.LINK_CARERS,
        Action.SEE_NOT_REACHED,
        Action.SEE_REACH,
        Action.SEE_HOUSEHOLDS,
        Action.EDIT_HOUSEHOLDS,
        Action.END_APPROVALS,
        Action.CHECK_IN,
        Action.SEE_GROUPS,
        Action.MANAGE_GROUPS,
        Action.IMPORT_REGISTER,
        Action.EXPORT_REGISTER,
        Action.ERASE_CARERS,
    ),
    "Surveys and reports": (
        Action.SEE_SURVEYS,
        Action.RUN_SURVEYS,
        Action.WRITE_SURVEYS,
        Action.READ_NAMED_ANSWERS,
        Action.NOTE_PANELS,
        Action.SEE_ACTIONS,
        Action.WRITE_ACTIONS,
        Action.SEE_NOMINATIONS,
        Action.SEE_REPORTS,
        Action.WRITE_REPORTS,
    ),
    "The service": (
        Action.SEE_ROLES,
        Action.KEEP_OWN_ACCOUNT,
        Action.SEE_WORK,
        Action.SEE_SETTINGS,
        Action.CHANGE_SETTINGS,
        Action.MANAGE_STAFF,
        Action.READ_AUDIT,
        Action.SEE_RETENTION,
        Action.SEE_FAULTS,
    ),
}
"""The actions as they are shown to people: every one of them under one heading."""


class Reach(StrEnum):
    """How far an action goes for a role."""

    ALL = "Yes"
    OWN = "Own households"
    NONE = "No"


def reach(role: Role, action: Action) -> Reach:
    """How far this role may go with it: the table that people read is made of this."""
    if role not in ALLOWED[action]:
        return Reach.NONE
    limited = role is Role.SOCIAL_WORKER and action in OF_OWN_HOUSEHOLDS
    return Reach.OWN if limited else Reach.ALL


def may(staff: StaffMember, action: Action) -> bool:
    """Whether this person's role allows it. Someone who has left may do nothing."""
    return staff.left_on is None and staff.role in ALLOWED[action]


def own_households_of(staff: StaffMember) -> int | None:
    """The ``social_worker_id`` that limits which households this person sees, or None: all of them."""
    return staff.id if staff.role is Role.SOCIAL_WORKER else None


__all__ = [
    "ALLOWED",
    "OF_OWN_HOUSEHOLDS",
    "TOPICS",
    "Action",
    "Reach",
    "Role",
    "StaffMember",
    "may",
    "own_households_of",
    "reach",
]
