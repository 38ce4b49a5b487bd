"""A payment and a refund with the client that openapi-python-client generates."""

import hashlib
import hmac
import os
import time
import uuid
from urllib.parse import urljoin

import httpx
from pgw import Client
from pgw.api.payment_intents import (
    confirm_payment_intent,
    create_payment_intent,
    list_payment_intents,
    retrieve_payment_intent,
)
from pgw.api.refunds import create_refund, retrieve_refund
from pgw.models import (
    ConfirmedPaymentIntent,
    ConfirmPaymentIntentRequest,
    CreatedPaymentIntent,
    CreatePaymentIntentRequest,
    CreateRefundRequest,
    ErrorBody,
    ErrorCode,
    PaymentIntent,
    PaymentIntentStatus,
    PaymentMethodType,
    Provider,
    Refund,
    RefundReason,
    RefundStatus,
)

URL, API_KEY, SECRET_KEY, REF = (
    os.environ[name] for name in ("PGW_URL", "PGW_API_KEY", "PGW_SECRET_KEY", "PGW_REF")
)


def sign(request: httpx.Request) -> None:
    """Signs a request by the documented rule."""
    path = request.url.raw_path.decode().split("?")[0]
    timestamp = int(time.time())
    body_hash = hashlib.sha256(request.read()).hexdigest()
    message = f"{request.method}\n{path}\n{timestamp}\n{body_hash}"
    key = hashlib.sha256(SECRET_KEY.encode()).hexdigest()
    signature = hmac.new(key.encode(), message.encode(), hashlib.sha256).hexdigest()
    request.headers["Authorization"] = f"HMAC-SHA256 {API_KEY}:{timestamp}:{signature}"


# A plain Client, for there is no token to hold: each request is signed by itself, or names its payment_token.
payer = Client(URL)
server = Client(URL, httpx_args={"event_hooks": {"request": [sign]}})

created = create_payment_intent.sync(
    client=server,
    body=CreatePaymentIntentRequest(
        amount=1000,
        currency="JPY",
        payment_method_types=[PaymentMethodType.QR_MPM],
        merchant_ref_id=REF,
    ),
    idempotency_key=str(uuid.uuid4()),
)
assert isinstance(created, CreatedPaymentIntent), created

confirmed = confirm_payment_intent.sync(
    created.id,
    client=payer,
    body=ConfirmPaymentIntentRequest(
        payment_token=created.payment_token,
        payment_method_type=PaymentMethodType.QR_MPM,
        provider=Provider.PAYPAY,
    ),
)
assert isinstance(confirmed, ConfirmedPaymentIntent), confirmed
httpx.post(urljoin(confirmed.qr_content, "/_control/pay"), json={"qr_content": confirmed.qr_content})

while True:
    intent = retrieve_payment_intent.sync(created.id, client=payer, payment_token=created.payment_token)
    assert isinstance(intent, PaymentIntent), intent
    if intent.status not in (PaymentIntentStatus.REQUIRES_ACTION, PaymentIntentStatus.PROCESSING):
        break
    time.sleep(0.1)

listed = list_payment_intents.sync(client=server, merchant_ref_id=REF, limit=10)
assert isinstance(listed, list) and created.id in [one.id for one in listed], listed

refund = create_refund.sync(
    client=server,
    body=CreateRefundRequest(
        payment_intent_id=created.id, amount=400, reason=RefundReason.REQUESTED_BY_CUSTOMER
    ),
    idempotency_key=str(uuid.uuid4()),
)
assert isinstance(refund, Refund), refund
read_back = retrieve_refund.sync(refund.id, client=server)
assert isinstance(read_back, Refund) and read_back.amount == 400, read_back
assert read_back.status != RefundStatus.FAILED, read_back

refused = retrieve_payment_intent.sync(created.id, client=payer, payment_token="wrong")
assert isinstance(refused, ErrorBody) and refused.code == ErrorCode.INVALID_TOKEN, refused

print(created.id, intent.status.value, read_back.status.value)
