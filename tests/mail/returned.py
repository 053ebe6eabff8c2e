"""What other mail servers send back: reports, delays, automatic answers."""

REPORT = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="report"

--report
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; carla@example.org
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--report
Content-Type: text/rfc822-headers

Subject: Ihr Zimmer
--report--
"""

AWAY = """\
Return-Path: <>
From: carla@example.org
To: {to}
Subject: Out of office
Auto-Submitted: auto-replied
Content-Type: text/plain

I am away until Monday. Status: 5.1.1
"""


def report(
    to: str, *, action: str = "failed", status: str = "5.1.1", words: str = "550 5.1.1 No such user here"
) -> bytes:
    """A delivery report to this return path."""
    return REPORT.format(to=to, action=action, status=status, words=words).encode()


def away(to: str) -> bytes:
    """An automatic answer."""
    return AWAY.format(to=to).encode()
