"""What the templates of carers' pages say their words with."""

from zoneinfo import ZoneInfo

import pytest
from jinja2 import DictLoader, UndefinedError

from texts.catalogue import LANGUAGES, catalogue
from texts.pages import carer_environment
from texts.render import Service, Texts
from tools import catalogues

TEXTS = Texts(Service(name="Hope & Home", duty_phone="01709 000000"), ZoneInfo("Europe/London"))
AT = "2026-05-23T18:30:00+00:00"


def said(template: str, language: str = "en", **context: object) -> str:
    templates = carer_environment(TEXTS, DictLoader({"page.html": template}))
    return templates(language).get_template("page.html").render(**context)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_speaks_the_language_of_its_carer(language: str) -> None:
    assert said("{% trans %}Going{% endtrans %}", language) == catalogue(language).gettext("Going")
    assert said('{{ _("Maybe") }}', language) == catalogue(language).gettext("Maybe")


def test_an_unknown_language_is_english_and_english_runs_to_the_right() -> None:
    assert said("{% trans %}Going{% endtrans %} {{ language }} {{ direction }}", "fr") == "Going en ltr"
    assert said("{{ direction }}{{ comma }}", "ur") == "rtl، "


def test_times_are_said_as_in_the_chat_and_do_not_break() -> None:
    assert said("{{ at|moment }}", at=AT) == "Saturday 23 May, 7:30\xa0pm"
    assert said("{{ at|weekday }} {{ at|clock }} {{ at|day }}", at=AT) == (
        "Saturday 23 May 7:30\xa0pm Saturday 23 May 2026"
    )
    assert said("{{ span(at, at) }}", at=AT) == "Saturday 23 May, 7:30\xa0pm – 7:30\xa0pm"


def test_what_was_typed_is_escaped_and_a_number_keeps_its_order() -> None:
    assert said("{{ service.name }} {{ title }}", title="<b>") == "Hope &amp; Home &lt;b&gt;"
    assert said("{{ phone|ltr }}", "ur", phone="01709 <0>") == '<bdi dir="ltr">01709 &lt;0&gt;</bdi>'


def test_a_value_that_is_missing_is_an_error_and_never_a_hole() -> None:
    with pytest.raises(UndefinedError):
        said("{{ nothing }}")


def test_the_sentences_of_pages_are_in_the_catalogues() -> None:
    sources = {source for source, _ in catalogues.messages()}
    assert {"web/templates/carer/invitation.html", "web/templates/carer/home.html"} <= sources
    assert "texts/templates/mail_foot.j2" in sources


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_can_be_read_in_every_language(language: str) -> None:
    templates = carer_environment(TEXTS)(language)
    names = [name for name in templates.list_templates() if name.startswith("carer/")]
    assert len(names) > 10
    for name in names:
        templates.get_template(name)
