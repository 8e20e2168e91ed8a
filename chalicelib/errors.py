"""Every failure that Sourdine names, one small class each.

`code` is the fixed ground that rows, ledger lines, logs and metrics carry; the message is for the person who
meets it and never holds personal data.
"""

from __future__ import annotations


class SourdineError(Exception):
    """What happened, and what to do about it."""

    code = "error"


class InvalidSpan(SourdineError):
    """A span that no recording can hold."""

    code = "invalid-span"


class SpanOutsideRecording(SourdineError):
    """A span, or its channel, is not in the recording that it names."""

    code = "span-outside-recording"


class UnreadableRecording(SourdineError):
    """The file cannot be taken for the telephone recording that it claims to be."""

    code = "unreadable"


class EmptyRecording(UnreadableRecording):
    """No byte, or not one sample."""

    code = "empty"


class NotARecording(UnreadableRecording):
    """The bytes are of no known sound format."""

    code = "not-audio"


class DamagedRecording(UnreadableRecording):
    """A known format, and parts of it are missing, broken, or tell two times at once."""

    code = "damaged"


class TruncatedRecording(UnreadableRecording):
    """The file ends before what it announces."""

    code = "truncated"


class UnsupportedCodec(UnreadableRecording):
    """A sound format that is known, and not read."""

    code = "unsupported-codec"


class RecordingTooLong(UnreadableRecording):
    """More than the recogniser takes in one job."""

    code = "too-long"


class ScreenRecording(SourdineError):
    """Moving pictures: no call recording is kept with the screen (CNIL, 17 September 2019; FACTS 1.1)."""

    code = "screen-recording"


class VerificationFailed(SourdineError):
    """The redacted file is not provably the original with the spans muted and nothing else touched."""

    code = "verification-failed"


class UnreadableTranscript(SourdineError):
    """Not a transcript in a shape that is known here."""

    code = "unreadable-transcript"


class NothingHeard(SourdineError):
    """The recogniser returned no word: what it may have missed cannot be muted."""

    code = "nothing-heard"


class UnsupportedLanguage(SourdineError):
    """No detector for that language, or the policy does not name it."""

    code = "unsupported-language"


class TranscriptionRefused(SourdineError):
    """The recogniser will not take, or could not hear, this recording."""

    code = "transcription-failed"


class RecogniserMissing(SourdineError):
    """Whisper, or its model, is not installed or is not what it should be."""

    code = "recogniser-missing"


class ObjectMissing(SourdineError):
    """Nothing lies at that place."""

    code = "object-missing"


class UnknownRecording(SourdineError):
    """No row has that id."""

    code = "unknown-recording"


class StaleSwitch(SourdineError):
    """Somebody else turned the switch meanwhile: read it again and decide again."""

    code = "stale-switch"


class StaleRecording(SourdineError):
    """The row changed since it was read: read it again and decide again."""

    code = "stale-recording"


class ForbiddenTransition(SourdineError):
    """A recording cannot go from that state to this one."""

    code = "forbidden-transition"


class UnfitForLedger(SourdineError):
    """Something other than short codes, which may name a person, was to be written into the ledger."""

    code = "unfit-for-ledger"


class AccountUnreachable(SourdineError):
    """AWS does not answer, or does not let this be asked: no region, no credentials, no such table."""

    code = "account-unreachable"


class InvalidCall(SourdineError):
    """A description of a call that cannot be understood."""

    code = "invalid-call"


class NothingToSign(SourdineError):
    """No recording of a call waits for a contract."""

    code = "nothing-to-sign"


class CannotBeHeld(SourdineError):
    """This recording, or until that day, cannot be held."""

    code = "cannot-be-held"


class SweepIncomplete(SourdineError):
    """Something past its end is still there."""

    code = "sweep-incomplete"


class InvalidSettings(SourdineError):
    """The environment does not configure Sourdine."""

    code = "invalid-settings"


class InvalidPolicy(SourdineError):
    """A policy that breaks a rule or cannot be read; `problems` says each, with its line and its remedy."""

    code = "invalid-policy"

    def __init__(self, message: str, problems: tuple[object, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class InvalidMessage(SourdineError):
    """A queue message or an event that is not of the shape expected."""

    code = "invalid-message"


class UnknownRegion(SourdineError):
    """Nobody told the public holidays of that region."""

    code = "unknown-region"


class NaiveMoment(SourdineError):
    """A datetime without a zone: it has no date that the law could count from."""

    code = "naive-moment"


class InvalidSuspension(SourdineError):
    """A period that stands still ends before it began to."""

    code = "invalid-suspension"


class InvalidRequest(SourdineError):
    """What was asked of the API is not of the shape that it takes."""

    code = "invalid-request"


class Forbidden(SourdineError):
    """The caller is not who may ask that."""

    code = "forbidden"


class NotAuthenticated(SourdineError):
    """Nobody is known to ask: there is no proof of who it is, or none that is taken. The message says no value."""

    code = "not-authenticated"


class IdentityUnavailable(SourdineError):
    """The identity provider's keys cannot be read now: nobody is let in meanwhile."""

    code = "identity-unavailable"


class UnknownAnnouncement(SourdineError):
    """The policy has no announcement in that language."""

    code = "unknown-announcement"


class NoticeNotCurrent(SourdineError):
    """Another version of the notice than the one in force was acknowledged; `current` is that one."""

    code = "notice-not-current"

    def __init__(self, message: str, current: str) -> None:
        super().__init__(message)
        self.current = current


class AnnouncementSilent(SourdineError):
    """An announcement has no sound here: the file that the policy names is missing, or no voice has its language."""

    code = "announcement-silent"


class VoiceUnavailable(SourdineError):
    """The voice does not answer now: ask again later."""

    code = "voice-unavailable"


class NotAuthentic(SourdineError):
    """A delivery that is not provably the provider's; `check` says which check it failed, and no value."""

    code = "not-authentic"

    def __init__(self, check: str) -> None:
        super().__init__("the delivery is not authentic: compare the secret, the public URL and the clock with ours")
        self.check = check


class InvalidDelivery(SourdineError):
    """A delivery that is authentic, and says nothing that can be understood."""

    code = "invalid-delivery"


class CannotControl(SourdineError):
    """This call's recording cannot be reached: what the provider needs to be told of it is not known."""

    code = "cannot-control"


class ForbiddenAddress(SourdineError):
    """A request of ours would go where none may: the message names the rule, and never the address."""

    code = "forbidden-address"


class ProviderUnreachable(SourdineError):
    """A provider does not answer now, or broke off: ask again later."""

    code = "provider-unreachable"


class ProviderRefused(SourdineError):
    """A provider answered, and asking the same again will not help; `status` is what it answered with."""

    code = "provider-refused"

    def __init__(self, status: int) -> None:
        super().__init__(f"the provider refuses with status {status}: look at its credentials and the recording there")
        self.status = status


class MediaTooLarge(SourdineError):
    """A provider sends more bytes than are taken."""

    code = "media-too-large"


class UnknownProvider(SourdineError):
    """No provider of that name calls in here: it has no module, or its secret was not set."""

    code = "unknown-provider"


class UnknownRequest(SourdineError):
    """There is no such request, or it is not theirs who asks."""

    code = "unknown-request"


class StaleRequest(SourdineError):
    """Somebody else changed the request meanwhile: look at it again."""

    code = "stale-request"


class NotProven(SourdineError):
    """Nobody proved to be the person: the code is wrong, used, or too old."""

    code = "not-proven"


class TooMany(SourdineError):
    """Asked too often: wait, or write to the data protection officer."""

    code = "too-many"


class MessageNotSent(SourdineError):
    """A message could not be sent; the text names the service's code and never the address."""

    code = "message-not-sent"


class CannotBeDone(SourdineError):
    """A request stands where this cannot be done with it."""

    code = "cannot-be-done"


class UnknownLink(SourdineError):
    """No package is had by that link: it was used, is too old, or never was."""

    code = "unknown-link"


class CannotBeHeard(SourdineError):
    """A recording stands where there is nothing to listen to, or where only another way leads to it."""

    code = "cannot-be-heard"


class CannotBeEvaluated(SourdineError):
    """No evaluation of this recording can be written now."""

    code = "cannot-be-evaluated"


class CannotBeRectified(SourdineError):
    """What is said of this recording cannot be corrected so; the message says why, without what was written."""

    code = "cannot-be-rectified"


class CannotBeMuted(SourdineError):
    """Nothing more of this recording can be muted: it is not in the vault."""

    code = "cannot-be-muted"


class NoTextsThere(MessageNotSent):
    """No text message is sent to a number of that kind, or of that country: it would cost whoever runs this."""

    code = "no-texts-there"
