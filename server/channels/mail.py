"""E-mail through the operator's server, if its certificate is trusted. Only the recipient is somebody else's word."""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr

from grader.protocol import Text
from server.channels import rules
from server.channels.rules import Outcome
from server.settings import Settings

SMTP_S = 15.0
TLS_AT_ONCE = 465  # the port on which encryption does not wait for STARTTLS


def is_configured(settings: Settings) -> bool:
    return bool(settings.smtp_host and settings.smtp_from)


def send_mail(to: str, title: str, text: str, *, settings: Settings) -> Outcome:
    """What came of it; every way in which it can go wrong is an outcome."""
    if not is_configured(settings):
        return rules.failed(
            "This platform sends no e-mail yet. Ask its operator to set GRADUS_SMTP_HOST and GRADUS_SMTP_FROM.",
            "平台尚未配置邮件服务，请联系管理员设置 GRADUS_SMTP_HOST 和 GRADUS_SMTP_FROM。",
        )
    message = compose(to, title, text, settings)
    try:
        server = sign_in(settings)
    except ssl.SSLCertVerificationError:
        return rules.not_reached(Text(en="The mail server's certificate is not trusted here.", zh="邮件服务器的证书不受信任。"))
    except smtplib.SMTPResponseException as error:
        return refused(error.smtp_code)
    except (smtplib.SMTPException, OSError):
        return rules.not_reached(Text(en="The mail server cannot be reached.", zh="无法连接邮件服务器。"))
    return hand_over(server, message)


def sign_in(settings: Settings) -> smtplib.SMTP:
    """Up to here nothing of the message has left. Raises what smtplib does."""
    host, port, trust = settings.smtp_host or "", settings.smtp_port, ssl.create_default_context()
    if port == TLS_AT_ONCE and settings.smtp_tls:
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SMTP_S, context=trust)
    else:
        server = smtplib.SMTP(host, port, timeout=SMTP_S)
    try:
        if settings.smtp_tls and port != TLS_AT_ONCE:
            server.starttls(context=trust)
        if settings.smtp_login and settings.smtp_password:
            server.login(settings.smtp_login, settings.smtp_password.get_secret_value())
    except BaseException:
        server.close()
        raise
    return server


def hand_over(server: smtplib.SMTP, message: EmailMessage) -> Outcome:
    """What breaks off from here on may have arrived. How the server takes our goodbye changes nothing."""
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        return refused(next(iter(error.recipients.values()))[0])
    except smtplib.SMTPResponseException as error:
        return refused(error.smtp_code)
    except (smtplib.SMTPException, OSError):
        return rules.unclear_mail()
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
    return rules.SENT


def refused(code: int) -> Outcome:
    """4xx means later, 5xx never."""
    return rules.failed(f"The mail server refused it ({code}).", f"邮件服务器拒绝发送（{code}）。", again=400 <= code < 500)


def compose(to: str, title: str, text: str, settings: Settings) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.smtp_from, to, " ".join(title.split())
    domain = parseaddr(settings.smtp_from or "")[1].rpartition("@")[2] or "gradus"
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=domain)
    message["Auto-Submitted"] = "auto-generated"  # nobody's holiday notice answers it
    message.set_content(text)
    return message
