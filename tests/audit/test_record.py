"""A line of the audit log: who, what, when, from where; and no secrets (safety.md AU-7)."""

from paygate.audit.actions import Action
from paygate.audit.models import AuditLine
from paygate.audit.origin import coming_from, it_is
from paygate.audit.record import changes, record


def test_a_line_says_who_did_what_when_and_from_where(anna, now):
    with coming_from("192.0.2.7", "abc123"):
        it_is("anna@100001.example")
        record(
            Action.SETTINGS_CHANGED,
            merchant_id=anna.merchant.pk,
            by=anna.actor.name,
            subject="settings",
            detail=changes({"language": "de", "zone": "x"}, {"language": "fr", "zone": "x"}),
            now=now,
        )

    line = AuditLine.objects.get()
    assert (line.at, line.by, line.person) == (now, anna.actor.name, "anna@100001.example")
    assert (line.action, line.subject, line.result) == ("settings changed", "settings", "done")
    assert (line.came_from, line.request_id) == ("192.0.2.7", "abc123")
    assert line.detail == {"language": {"old": "de", "new": "fr"}}


def test_outside_of_a_request_nobody_is_named(anna, now):
    it_is("somebody@example.org")

    record(Action.CAPTURED, merchant_id=anna.merchant.pk, by="system", now=now)

    line = AuditLine.objects.get()
    assert (line.person, line.came_from, line.request_id) == ("", "", "")


def test_secrets_are_hidden_and_long_texts_are_cut(anna, now):
    record(
        Action.SETTINGS_CHANGED,
        merchant_id=anna.merchant.pk,
        by="x",
        detail={
            "password": {"old": "", "new": "correct horse"},
            "webhook_secret": "s3cret",
            "text": "a" * 600,
            "emails": ["a@example.org"],
            "since": now,
            "on": True,
        },
        now=now,
    )

    detail = AuditLine.objects.get().detail
    assert detail["password"] == {"old": "", "new": "[hidden]"}
    assert detail["webhook_secret"] == "[hidden]"
    assert detail["text"] == "a" * 500 + " …"
    assert (detail["emails"], detail["since"], detail["on"]) == (["a@example.org"], now.isoformat(), True)
