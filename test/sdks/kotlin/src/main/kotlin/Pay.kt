// A payment and a refund with the client that openapi-generator generates for Kotlin.

import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import java.security.MessageDigest
import java.util.HexFormat
import java.util.UUID
import javax.crypto.Mac
import javax.crypto.spec.SecretKeySpec
import kotlin.system.exitProcess
import okhttp3.Interceptor
import okhttp3.OkHttpClient
import okhttp3.Response
import okio.Buffer
import pgw.apis.PaymentIntentsApi
import pgw.apis.RefundsApi
import pgw.infrastructure.ClientError
import pgw.infrastructure.ClientException
import pgw.models.ConfirmPaymentIntentRequest
import pgw.models.CreatePaymentIntentRequest
import pgw.models.CreateRefundRequest
import pgw.models.PaymentIntentStatus
import pgw.models.PaymentMethodType
import pgw.models.Provider
import pgw.models.Refund
import pgw.models.RefundReason

val env: Map<String, String> = System.getenv()
val url = env.getValue("PGW_URL")
val ref = env.getValue("PGW_REF")

fun sha256(bytes: ByteArray): String =
    HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes))

/** Signs a request by the documented rule. */
object Signer : Interceptor {
    override fun intercept(chain: Interceptor.Chain): Response {
        val request = chain.request()
        val body = Buffer().also { request.body?.writeTo(it) }.readByteArray()
        val timestamp = System.currentTimeMillis() / 1000
        val message = listOf(request.method, request.url.encodedPath, timestamp, sha256(body)).joinToString("\n")
        val mac = Mac.getInstance("HmacSHA256")
        mac.init(SecretKeySpec(sha256(env.getValue("PGW_SECRET_KEY").toByteArray()).toByteArray(), "HmacSHA256"))
        val signature = HexFormat.of().formatHex(mac.doFinal(message.toByteArray()))
        val authorization = "HMAC-SHA256 ${env["PGW_API_KEY"]}:$timestamp:$signature"
        return chain.proceed(request.newBuilder().header("Authorization", authorization).build())
    }
}

fun main() {
    val payer = PaymentIntentsApi(url, OkHttpClient())
    val signing = OkHttpClient.Builder().addInterceptor(Signer).build()
    val server = PaymentIntentsApi(url, signing)

    val created =
        server.createPaymentIntent(
            CreatePaymentIntentRequest(
                amount = 1000,
                currency = "JPY",
                paymentMethodTypes = listOf(PaymentMethodType.qr_mpm),
                merchantRefId = ref,
            ),
            UUID.randomUUID().toString(),
        )

    val confirmed =
        payer.confirmPaymentIntent(
            created.id,
            ConfirmPaymentIntentRequest(
                paymentToken = created.paymentToken,
                paymentMethodType = PaymentMethodType.qr_mpm,
                provider = Provider.PAYPAY,
            ),
        )
    payInSandbox(confirmed.qrContent)

    var intent = payer.retrievePaymentIntent(created.id, created.paymentToken)
    while (intent.status in setOf(PaymentIntentStatus.requires_action, PaymentIntentStatus.processing)) {
        Thread.sleep(100)
        intent = payer.retrievePaymentIntent(created.id, created.paymentToken)
    }

    check(server.listPaymentIntents(merchantRefId = ref, limit = 10).any { it.id == created.id })

    val refunds = RefundsApi(url, signing)
    val refund =
        refunds.createRefund(
            CreateRefundRequest(
                paymentIntentId = created.id,
                amount = 400,
                reason = RefundReason.requested_by_customer,
            ),
            UUID.randomUUID().toString(),
        )
    val readBack = refunds.retrieveRefund(refund.id)
    check(readBack.amount == 400L && readBack.status != Refund.Status.failed) { "the refund was not read back: $readBack" }

    val refusal = runCatching { payer.retrievePaymentIntent(created.id, "wrong") }.exceptionOrNull()
    check(refusal is ClientException) { "a wrong token was not refused: $refusal" }
    check("invalid_token" in (refusal.response as ClientError<*>).body.toString()) { "refused for another reason" }
    println("${created.id} ${intent.status}, refund ${readBack.status}")
    exitProcess(0)
}

fun payInSandbox(qrContent: String) {
    val pay =
        HttpRequest.newBuilder(URI.create(qrContent).resolve("/_control/pay"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"qr_content\":\"$qrContent\"}"))
            .build()
    HttpClient.newHttpClient().send(pay, BodyHandlers.discarding())
}
