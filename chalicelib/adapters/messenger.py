"""The Messenger port: Amazon SNS for telephone numbers, Amazon SES for e-mail addresses."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.errors import MessageNotSent

_TRANSACTIONAL = {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}}
"""Promotional, which is the default, may be held back at night."""


class AmazonMessenger:
    """`sns` and `ses` are boto3's clients of SNS and SES v2; `sender` is an address that SES has verified."""

    def __init__(self, sns: Any, ses: Any, sender: str) -> None:
        self._sns, self._ses, self._sender = sns, ses, sender

    def send(self, address: str, subject: str, text: str) -> None:
        scheme, _, bare = address.partition(":")
        try:
            if scheme == "tel":
                self._sns.publish(PhoneNumber=bare, Message=text, MessageAttributes=_TRANSACTIONAL)
            elif not self._sender:
                raise MessageNotSent("no sender of e-mail is configured: set MessageSender")
            else:
                self._letter(bare, subject, text)
        except ClientError as error:  # whose message names the address
            code = error.response.get("Error", {}).get("Code", "unknown")
            raise MessageNotSent(f"the message was refused: {code}") from None
        except BotoCoreError as error:
            raise MessageNotSent(f"the message was not taken: {type(error).__name__}") from None

    def _letter(self, to: str, subject: str, text: str) -> None:
        content = {
            "Simple": {
                "Subject": {"Data": subject, "Charset": "UTF-8"},
                "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
            }
        }
        self._ses.send_email(FromEmailAddress=self._sender, Destination={"ToAddresses": [to]}, Content=content)
