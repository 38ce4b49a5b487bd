//! A payment and a refund with the client that progenitor generates.

use hmac::{Hmac, Mac};
use pgw::types::{
    Amount, ConfirmPaymentIntentRequest, CreatePaymentIntentRequest, CreateRefundRequest, ErrorCode,
    PaymentIntentStatus, PaymentIntentToken, PaymentMethodType, Provider, RefundReason, RefundStatus,
};
// What a receiver of webhooks reads; the import proves that it is generated under this name.
#[allow(unused_imports)]
use pgw::types::Event;
use sha2::{Digest, Sha256};
use std::env::var;
use std::error::Error;
use std::num::NonZeroU64;
use std::time::{Duration, SystemTime};

mod pgw {
    progenitor::generate_api!(
        spec = "openapi.yaml",
        interface = Builder,
        inner_type = Option<crate::Credentials>,
        pre_hook_async = crate::sign,
    );
}

#[derive(Clone, Debug)]
pub struct Credentials {
    api_key: String,
    secret_key: String,
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Signs a request by the documented rule, when the client has credentials.
async fn sign(credentials: &Option<Credentials>, request: &mut reqwest::Request) -> Result<(), Box<dyn Error>> {
    let Some(Credentials { api_key, secret_key }) = credentials else { return Ok(()) };
    let body = request.body().and_then(|body| body.as_bytes()).unwrap_or_default();
    let timestamp = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    let (method, path) = (request.method(), request.url().path());
    let message = format!("{method}\n{path}\n{timestamp}\n{}", hex(Sha256::digest(body)));
    let mut mac = Hmac::<Sha256>::new_from_slice(hex(Sha256::digest(secret_key)).as_bytes())?;
    mac.update(message.as_bytes());
    let authorization = format!("HMAC-SHA256 {api_key}:{timestamp}:{}", hex(mac.finalize().into_bytes()));
    request.headers_mut().insert("Authorization", authorization.parse()?);
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (url, reference) = (var("PGW_URL")?, var("PGW_REF")?);
    let credentials = Credentials { api_key: var("PGW_API_KEY")?, secret_key: var("PGW_SECRET_KEY")? };
    let server = pgw::Client::new(&url, Some(credentials));
    let payer = pgw::Client::new(&url, None);

    let created = server
        .create_payment_intent()
        .idempotency_key(reference.as_str())
        .body(
            CreatePaymentIntentRequest::builder()
                .amount(NonZeroU64::new(1000).ok_or("zero")?)
                .currency("JPY")
                .payment_method_types([PaymentMethodType::QrMpm])
                .merchant_ref_id(reference.as_str()),
        )
        .send()
        .await?
        .into_inner();
    let (id, token) = (created.id.as_str(), created.payment_token.clone());

    let confirmed = payer
        .confirm_payment_intent()
        .id(id)
        .body(
            ConfirmPaymentIntentRequest::builder()
                .payment_token(token.clone())
                .payment_method_type(PaymentMethodType::QrMpm)
                .provider(Provider::Paypay),
        )
        .send()
        .await?
        .into_inner();
    pay_in_sandbox(&confirmed.qr_content).await?;

    let retrieve = |token: PaymentIntentToken| payer.retrieve_payment_intent().id(id).payment_token(token).send();
    let mut intent = retrieve(token.clone()).await?.into_inner();
    while matches!(intent.status, PaymentIntentStatus::RequiresAction | PaymentIntentStatus::Processing) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        intent = retrieve(token.clone()).await?.into_inner();
    }

    let limit = NonZeroU64::new(10).ok_or("zero")?;
    let listed = server.list_payment_intents().merchant_ref_id(reference.as_str()).limit(limit).send().await?;
    assert!(listed.iter().any(|one| one.id == created.id), "the list lacks the payment");

    let refund = server
        .create_refund()
        .idempotency_key(format!("refund_{reference}"))
        .body(
            CreateRefundRequest::builder()
                .payment_intent_id(id)
                .amount(Amount::from(NonZeroU64::new(400).ok_or("zero")?))
                .reason(RefundReason::RequestedByCustomer),
        )
        .send()
        .await?
        .into_inner();
    let read_back = server.retrieve_refund().id(refund.id.as_str()).send().await?.into_inner();
    assert_eq!(read_back.amount.get(), 400);
    assert_ne!(read_back.status, RefundStatus::Failed);

    let refused = retrieve("wrong".parse()?).await;
    match refused {
        Err(progenitor::progenitor_client::Error::ErrorResponse(answer)) => {
            assert_eq!(answer.code, ErrorCode::InvalidToken)
        }
        other => panic!("a wrong token was not refused: {other:?}"),
    }
    println!("{id} {} {}", intent.status, read_back.status);
    Ok(())
}

async fn pay_in_sandbox(qr_content: &str) -> Result<(), Box<dyn Error>> {
    let pay = reqwest::Url::parse(qr_content)?.join("/_control/pay")?;
    let body = serde_json::json!({ "qr_content": qr_content });
    reqwest::Client::new().post(pay).json(&body).send().await?.error_for_status()?;
    Ok(())
}
