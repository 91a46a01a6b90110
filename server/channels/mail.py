"""E-mail through the operator's server, which is trusted; only the recipient is somebody else's word."""

import smtplib
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from grader.protocol import Text
from server.channels import rules
from server.channels.rules import Outcome
from server.settings import Settings

SMTP_S = 15.0


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
        with smtplib.SMTP(settings.smtp_host or "", settings.smtp_port, timeout=SMTP_S) as server:
            if settings.smtp_tls:
                server.starttls()
            if settings.smtp_login and settings.smtp_password:
                server.login(settings.smtp_login, settings.smtp_password.get_secret_value())
            server.send_message(message)
    except smtplib.SMTPServerDisconnected:
        return rules.unclear()
    except smtplib.SMTPException as error:
        code = error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else "–"
        return rules.failed(f"The mail server refused it ({code}).", f"邮件服务器拒绝发送（{code}）。", again=True)
    except OSError:
        return rules.not_reached(Text(en="The mail server cannot be reached.", zh="无法连接邮件服务器。"))
    return rules.SENT


def compose(to: str, title: str, text: str, settings: Settings) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.smtp_from, to, " ".join(title.split())
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="gradus")
    message["Auto-Submitted"] = "auto-generated"  # nobody's holiday notice answers it
    message.set_content(text)
    return message
