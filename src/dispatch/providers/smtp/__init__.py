"""Hands mail to an SMTP server (RFC 5321) over kept connections, pipelined (RFC 2920) where the server offers it.

provider ──► pool ──► connect      a connection, encrypted and logged in: aiosmtplib's part
                 └──► exchange     MAIL, RCPT, DATA and what the replies mean: ours
    line      the recipients of one send, handed out to whichever connection is free
"""

from dispatch.providers.smtp.provider import Smtp

__all__ = ["Smtp"]
