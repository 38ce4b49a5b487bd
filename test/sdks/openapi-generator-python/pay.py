"""A payment and a refund with the client that openapi-generator generates for Python."""

import hashlib
import hmac
import json
import os
import time
import urllib.request
import uuid
from urllib.parse import urljoin, urlsplit

from pgw import ApiClient, Configuration, PaymentIntentsApi, RefundsApi
from pgw.exceptions import UnauthorizedException
from pgw.models import (
    ConfirmPaymentIntentRequest,
    CreatePaymentIntentRequest,
    CreateRefundRequest,
    ErrorCode,
    PaymentIntentStatus,
    PaymentMethodType,
    Provider,
    RefundReason,
)

URL, API_KEY, SECRET_KEY, REF = (
    os.environ[name] for name in ("PGW_URL", "PGW_API_KEY", "PGW_SECRET_KEY", "PGW_REF")
)


class SigningClient(ApiClient):
    """Signs each request by the documented rule."""

    def call_api(self, method, url, header_params=None, body=None, post_params=None, _request_timeout=None):
        text = "" if body is None else json.dumps(body)
        timestamp = int(time.time())
        body_hash = hashlib.sha256(text.encode()).hexdigest()
        message = f"{method}\n{urlsplit(url).path}\n{timestamp}\n{body_hash}"
        key = hashlib.sha256(SECRET_KEY.encode()).hexdigest()
        signature = hmac.new(key.encode(), message.encode(), hashlib.sha256).hexdigest()
        header_params["Authorization"] = f"HMAC-SHA256 {API_KEY}:{timestamp}:{signature}"
        return super().call_api(method, url, header_params, body, post_params, _request_timeout)


configuration = Configuration(host=URL)
payer = PaymentIntentsApi(ApiClient(configuration))
server = PaymentIntentsApi(SigningClient(configuration))
refunds = RefundsApi(SigningClient(configuration))

created = server.create_payment_intent(
    CreatePaymentIntentRequest(
        amount=1000,
        currency="JPY",
        payment_method_types=[PaymentMethodType.QR_MPM],
        merchant_ref_id=REF,
    ),
    idempotency_key=str(uuid.uuid4()),
)

confirmed = payer.confirm_payment_intent(
    created.id,
    ConfirmPaymentIntentRequest(
        payment_token=created.payment_token,
        payment_method_type=PaymentMethodType.QR_MPM,
        provider=Provider.PAYPAY,
    ),
)
urllib.request.urlopen(
    urllib.request.Request(
        urljoin(confirmed.qr_content, "/_control/pay"),
        data=json.dumps({"qr_content": confirmed.qr_content}).encode(),
        headers={"Content-Type": "application/json"},
    )
)

while True:
    intent = payer.retrieve_payment_intent(created.id, payment_token=created.payment_token)
    if intent.status not in (PaymentIntentStatus.REQUIRES_ACTION, PaymentIntentStatus.PROCESSING):
        break
    time.sleep(0.1)

listed = server.list_payment_intents(merchant_ref_id=REF, limit=10)
assert created.id in [one.id for one in listed], listed

refund = refunds.create_refund(
    CreateRefundRequest(
        payment_intent_id=created.id, amount=400, reason=RefundReason.REQUESTED_BY_CUSTOMER
    ),
    idempotency_key=str(uuid.uuid4()),
)
read_back = refunds.retrieve_refund(refund.id)
assert read_back.amount == 400 and read_back.status != "failed", read_back

try:
    payer.retrieve_payment_intent(created.id, payment_token="wrong")
    raise AssertionError("a wrong token was not refused")
except UnauthorizedException as refusal:
    assert refusal.data.code == ErrorCode.INVALID_TOKEN, refusal

print(created.id, intent.status.value, read_back.status)
