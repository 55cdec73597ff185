"""What the codes of the audit log mean, in plain English: for reading the log and for searching it."""

from collections.abc import Mapping
from typing import Any

DEEDS: Mapping[str, str] = {
    "action.change": "Changed what is done about what carers said",
    "action.note": "Noted what is to be done about what carers said",
    "action.publish": "Let carers read what is done about what they said",
    "action.take_back": "Took back from carers what is done about what they said",
    "action.tell": "Began a message to many about what was done",
    "action.throw_away": "Threw away what was to be done about what carers said",
    "attendance.import": "Took in a file of attendance",
    "attendance.print": "Printed the list for the door",
    "attendance.read": "Looked at who was there",
    "attendance.rest": "Noted that the rest did not come",
    "attendance.tick": "Noted who came",
    "attendance.undo_rest": "Took back that the rest did not come",
    "audience.change": "Changed a saved audience",
    "audience.delete": "Deleted a saved audience",
    "audience.save": "Saved an audience",
    "audit.export": "Took away the audit log as a file",
    "ballot.draw": "Drew a ballot",
    "ballot.read": "Took away the record of a draw",
    "broadcast.approve": "Approved a message to many",
    "broadcast.cancel": "Cancelled a message to many",
    "broadcast.change": "Changed a message to many",
    "broadcast.confirm": "Confirmed a message to many",
    "broadcast.correct": "Corrected a message to many",
    "broadcast.discard": "Threw away a draft of a message to many",
    "broadcast.pause": "Paused a message to many",
    "broadcast.recall": "Took back a message to many",
    "broadcast.report": "Took away who got a message to many",
    "broadcast.resume": "Let a paused message to many go on",
    "broadcast.send_back": "Gave a message to many back to its writer",
    "broadcast.test": "Sent a message to many to themselves, as a test",
    "broadcast.unschedule": "Took a message to many back to a draft",
    "broadcast.write": "Wrote a message to many",
    "carer.add": "Added a carer to a household",
    "carer.channel": "Chose by which way a carer is told",
    "carer.edit": "Changed a carer's details",
    "carer.email_again": "Let a carer's email be tried again",
    "carer.erase": "Erased what was held about a carer",
    "carer.erasure_refused": "Decided not to erase a carer who asked for it",
    "carer.leave": "Noted that a carer left their household",
    "carer.letters": "Had many carers told by letter",
    "carer.move": "Moved a carer to another household",
    "carer.return": "Took a carer back into their household",
    "carer.unlink": "Ended a carer's connection to the bot",
    "check_in.note": "Noted that somebody spoke to a household, or tried to",
    "check_in.take_back": "Took back that somebody spoke to a household",
    "data.backup": "Took a copy of the whole database",
    "data.export": "Took away a table as a file",
    "delivery.resend": "Sent a delivery in doubt again",
    "event.cancel": "Cancelled an event",
    "event.change": "Changed an event",
    "event.invite": "Sent the invitations to an event",
    "event.plan": "Made an event",
    "fairness.read": "Took away who had how many places",
    "feedback.redact": "Took away the words of a comment on an event",
    "group.add": "Put carers into a group",
    "group.change": "Changed a group",
    "group.delete": "Deleted a group",
    "group.make": "Made a group",
    "group.take_out": "Took a carer out of a group",
    "household.add": "Added a household",
    "household.edit": "Changed a household",
    "household.end": "Noted a decision to end an approval",
    "household.end_taken_back": "Took back the end of an approval",
    "household.notice": "Noted a notice of resignation",
    "kind_rules.set": "Set the rules of a kind of event",
    "letters.not_posted": "Took back that letters were posted",
    "letters.not_told": "Took back that a carer was told by telephone",
    "letters.post": "Noted letters as posted",
    "letters.print": "Printed letters",
    "letters.told": "Noted a carer as told by telephone",
    "link.export": "Took away personal links of carers",
    "link.give": "Gave a personal link to the bot",
    "link.revoke": "Ended personal links to the bot",
    "message.answer": "Settled a message of a carer",
    "message.redact": "Took away the words of a message",
    "needs.read": "Looked at access and dietary needs",
    "nomination.celebrate": "Noted a nomination as celebrated",
    "nomination.match": "Noted who is meant by a nomination",
    "nomination.print": "Printed the nominations for a forum",
    "nomination.redact": "Took away the words of a nomination",
    "nomination.reopen": "Took back a decision about a nomination",
    "nomination.set_aside": "Set a nomination aside",
    "nomination.shortlist": "Shortlisted a nomination for a forum",
    "not_seen.read": "Looked at which households were not seen",
    "page.end_links": "Ended the links to a carer's own page",
    "page.give": "Gave a link to a carer's own page",
    "panel.note": "Noted a panel",
    "panel.take_back": "Took back a panel that was noted",
    "programme.import": "Took in the programme of events",
    "register.import": "Took in the file of the register",
    "register.put_away": "Put away a file of the register",
    "register.upload": "Brought a file of the register to look at",
    "report.comment": "Wrote about the figures of a report",
    "report.read": "Took away a report",
    "report.uncomment": "Took away what was written about the figures of a report",
    "round.call_off": "Called off a survey before it opened",
    "round.change": "Changed a survey before it opened",
    "round.close_early": "Closed a survey early",
    "round.export": "Took away the results of a survey",
    "round.export_answers": "Took away who said what in a survey with names",
    "round.plan": "Planned a survey",
    "round.read_answers": "Looked at who said what in a survey with names",
    "round.share": "Showed carers what came of a survey",
    "round.unshare": "Stopped showing carers what came of a survey",
    "rsvp.answer_for": "Answered for a carer who phoned",
    "rsvp.move": "Moved a party on the waiting list",
    "series.change": "Changed a series of events",
    "series.end": "Ended a series of events",
    "series.import": "Took in a file of what repeats",
    "series.plan": "Made a series of events",
    "series.skip": "Left out a day of a series",
    "series.unskip": "Put back a day of a series",
    "setting.change": "Changed a setting of the service",
    "setting.leave": "Let a setting be as the server says",
    "staff.add": "Added a member of staff",
    "staff.bring_back": "Gave a colleague who had left access again",
    "staff.change": "Changed a colleague's name, address or role",
    "staff.connect": "Connected their own Telegram account",
    "staff.end": "Ended a colleague's access",
    "staff.sign_in": "Signed in to the console",
    "staff.sign_out": "Signed out of the console",
    "staff.sign_out_everywhere": "Signed somebody out of every browser",
    "staff.sign_out_other": "Signed out of other browsers of their own",
    "staff.way": "Chose by which way they are told",
    "standing.set": "Set what carers are asked after a panel, or when they leave",
    "stranger.bring_back": "Brought back a request from a stranger",
    "stranger.dismiss": "Dismissed a request from a stranger",
    "survey_form.begin": "Began to write what a survey asks",
    "survey_form.bring_back": "Brought a survey back into use",
    "survey_form.change": "Changed the draft of a survey",
    "survey_form.discard": "Discarded the draft of a survey",
    "survey_form.export": "Took away a survey as a file",
    "survey_form.publish": "Published what a survey asks",
    "survey_form.retire": "Took a survey out of use",
    "survey_form.take_in": "Took in a survey from a file",
    "template.delete": "Deleted a template of events",
    "template.save": "Saved a template of events",
    "terms.set": "Set the term dates",
    "thread.answer": "Answered a carer's message",
    "thread.give_back": "Gave a conversation with a carer back for anybody to take",
    "thread.hand_over": "Handed a conversation with a carer to a colleague",
    "thread.reopen": "Opened a settled conversation with a carer again",
    "thread.settle": "Settled a conversation with a carer",
    "thread.take": "Took a conversation with a carer",
    "work.ask": "Asked for long work",
    "work.stop": "Stopped long work of their own",
    "work.take_away": "Took away a file that long work had made",
}
"""Every code that is ever recorded; a test holds the list against the code of the product."""


def deed_in_words(action: str) -> str:
    """What was done, as a sentence without its subject; a code of an older version as it stands."""
    return DEEDS.get(action) or action


def deeds_saying(words: str) -> list[str]:
    """The codes that these words fit: each of them stands in the sentence or in the code, in any order."""
    wanted = words.lower().replace(".", " ").split()
    return [
        action
        for action, said in DEEDS.items()
        if all(word in f"{said} {action.replace('.', ' ')}".lower() for word in wanted)
    ]


_SUBJECTS = {
    "carer": "Carer",
    "household": "Household",
    "event": "Event",
    "staff": "Staff",
    "group": "Group",
    "audience": "Audience",
    "broadcast": "Message to many",
    "thread": "Conversation",
    "message": "Message",
    "delivery": "Delivery",
    "series": "Series",
    "round": "Survey",
    "survey": "Survey form",
    "nomination": "Nomination",
    "action": "Action",
    "template": "Template",
    "kind": "Kind of event",
    "occasion": "Occasion",
    "report": "Report",
    "register": "File of the register",
    "setting": "Setting",
    "draft": "File of the register",
    "work": "Long work",
}


def subject_in_words(subject: str) -> str:
    """What something was done to: ``broadcast:7`` is "Message to many 7". Empty for nothing in particular."""
    word, parted, key = subject.partition(":")
    known = _SUBJECTS.get(word)
    return f"{known} {key}" if known and parted else subject.replace("_", " ")


_DETAILS = {"k": "fewest people"}


def detail_in_words(detail: Mapping[str, Any]) -> str:
    """The detail of an entry on one line: ``from draft; stopped 12``."""
    return "; ".join(
        f"{_DETAILS.get(name, name.replace('_', ' '))}: {_value(value)}" for name, value in detail.items()
    )


def _value(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case None:
            return "none"
        case list():
            return ", ".join(_value(one) for one in value) or "none"
        case dict():
            return ", ".join(f"{name} {_value(one)}" for name, one in value.items()) or "none"
    return str(value)
