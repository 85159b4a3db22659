"""The small file that a bank of the local pattern needs: its words in the adapter's, and nothing more."""

from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, parse_qsl, urlencode

from tests.support.local_bank.fake import NOT_FOUND, OK, NoAnswerError, sign
from ticketing.sales.payments.numbered import BankRefund, BankWord, PageAsked
from ticketing.sales.payments.port import (
    CallbackRefusedError,
    GatewayRefusedError,
    GatewayUnreachableError,
    RefundState,
    SessionState,
)

_LANGUAGES = {"kk": "kz", "ru": "ru", "en": "en"}
_STATES = {
    "new": SessionState.OPEN,
    "processing": SessionState.PROCESSING,
    "paid": SessionState.CAPTURED,
    "declined": SessionState.DECLINED,
    "cancelled": SessionState.EXPIRED,
    "expired": SessionState.EXPIRED,
}
_MOST_CALLBACK = 1000


class PatternBank:
    """Speaks the bank's forms. `send` posts one and returns the answer."""

    name = "local"
    acknowledgement = ("RESULT=OK", "text/plain; charset=utf-8")

    def __init__(self, send: Callable[[str, str], str]) -> None:
        self._send = send

    def open(self, page: PageAsked) -> str:
        answer = self._ask(
            "open",
            number=page.number,
            amount=_tenge(page.amount_minor),
            currency=page.currency,
            text=page.description,
            language=_LANGUAGES[page.locale],
            back=page.return_url,
            until=str(int(page.expires_at.timestamp())),
        )
        return answer["page"]

    def look(self, number: str) -> BankWord | None:
        try:
            answer = self._ask("status", number=number)
        except GatewayRefusedError as refusal:
            if refusal.code == NOT_FOUND:
                return None
            raise
        state = _STATES[answer["state"]]
        return BankWord(
            state=state,
            captured_minor=_tiyn(answer["amount"]) if state is SessionState.CAPTURED else 0,
            currency=answer["currency"],
            refunds=[_refund(value) for name, value in answer.items() if name.startswith("refund")],
        )

    def cancel(self, number: str) -> None:
        self._ask("cancel", number=number)

    def ask_refund(self, number: str, amount_minor: int, reference: str) -> BankRefund:
        answer = self._ask("refund", number=number, amount=_tenge(amount_minor), reference=reference)
        return BankRefund(
            name=answer["refund"],
            reference=reference,
            amount_minor=amount_minor,
            state=RefundState(answer["state"]),
        )

    def number_in(self, raw: bytes, headers: Mapping[str, str]) -> str:
        del headers
        try:
            fields = parse_qs(raw[:_MOST_CALLBACK].decode("ascii"), strict_parsing=True)
        except ValueError:
            raise CallbackRefusedError("malformed") from None
        if set(fields) != {"number", "result"} or len(raw) > _MOST_CALLBACK:
            raise CallbackRefusedError("malformed")
        return fields["number"][0]

    def _ask(self, path: str, **fields: str) -> dict[str, str]:
        signed = {"merchant": "m1", **fields}
        try:
            text = self._send(path, urlencode({**signed, "sign": sign(signed)}))
        except NoAnswerError:
            raise GatewayUnreachableError from None
        answer = dict(parse_qsl(text))
        if answer["code"] != OK:
            raise GatewayRefusedError(answer["code"])
        return answer


def _refund(text: str) -> BankRefund:
    name, state, amount, reference = text.split(" ", 3)
    return BankRefund(name=name, reference=reference, amount_minor=_tiyn(amount), state=RefundState(state))


def _tiyn(text: str) -> int:
    return int(text.replace(".", ""))


def _tenge(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02}"
