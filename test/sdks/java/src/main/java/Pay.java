/** A payment and a refund with the client that openapi-generator generates. */

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okio.Buffer;
import pgw.ApiClient;
import pgw.ApiException;
import pgw.JSON;
import pgw.api.PaymentIntentsApi;
import pgw.api.RefundsApi;
import pgw.model.ConfirmPaymentIntentRequest;
import pgw.model.ConfirmedPaymentIntent;
import pgw.model.CreatePaymentIntentRequest;
import pgw.model.CreateRefundRequest;
import pgw.model.CreatedPaymentIntent;
import pgw.model.ErrorBody;
import pgw.model.ErrorCode;
import pgw.model.PaymentIntent;
import pgw.model.PaymentIntentStatus;
import pgw.model.PaymentMethodType;
import pgw.model.Provider;
import pgw.model.Refund;
import pgw.model.RefundReason;

class Pay {
  static final String URL = System.getenv("PGW_URL");
  static final String REF = System.getenv("PGW_REF");

  /** Signs each request by the documented rule. */
  record Signer(String apiKey, String secretKey) implements Interceptor {
    @Override
    public Response intercept(Chain chain) throws IOException {
      Request request = chain.request();
      Buffer body = new Buffer();
      if (request.body() != null) request.body().writeTo(body);
      long timestamp = Instant.now().getEpochSecond();
      String message =
          String.join("\n", request.method(), request.url().encodedPath(), "" + timestamp, sha256(body.readByteArray()));
      String authorization = "HMAC-SHA256 %s:%d:%s".formatted(apiKey, timestamp, hmac(message));
      return chain.proceed(request.newBuilder().header("Authorization", authorization).build());
    }

    private String hmac(String message) {
      try {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(sha256(secretKey.getBytes(UTF_8)).getBytes(UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(message.getBytes(UTF_8)));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }

    private static String sha256(byte[] bytes) {
      try {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  static PaymentIntentsApi api(OkHttpClient client) {
    return new PaymentIntentsApi(new ApiClient(client).setBasePath(URL));
  }

  public static void main(String[] args) throws Exception {
    Signer signer = new Signer(System.getenv("PGW_API_KEY"), System.getenv("PGW_SECRET_KEY"));
    OkHttpClient signing = new OkHttpClient.Builder().addInterceptor(signer).build();
    PaymentIntentsApi server = api(signing);
    PaymentIntentsApi payer = api(new OkHttpClient());

    CreatedPaymentIntent created =
        server.createPaymentIntent(
            new CreatePaymentIntentRequest()
                .amount(1000L)
                .currency("JPY")
                .paymentMethodTypes(List.of(PaymentMethodType.QR_MPM))
                .merchantRefId(REF),
            UUID.randomUUID().toString());
    String id = created.getId();
    String token = created.getPaymentToken();

    ConfirmedPaymentIntent confirmed =
        payer.confirmPaymentIntent(
            id,
            new ConfirmPaymentIntentRequest()
                .paymentToken(token)
                .paymentMethodType(PaymentMethodType.QR_MPM)
                .provider(Provider.PAYPAY),
            null,
            null);
    payInSandbox(confirmed.getQrContent());

    PaymentIntent intent = payer.retrievePaymentIntent(id, token);
    while (Set.of(PaymentIntentStatus.REQUIRES_ACTION, PaymentIntentStatus.PROCESSING).contains(intent.getStatus())) {
      Thread.sleep(100);
      intent = payer.retrievePaymentIntent(id, token);
    }

    List<PaymentIntent> listed = server.listPaymentIntents(null, REF, null, null, null, 10, null, null);
    if (listed.stream().noneMatch(one -> one.getId().equals(id))) throw new AssertionError("the list lacks the payment");

    RefundsApi refunds = new RefundsApi(new ApiClient(signing).setBasePath(URL));
    Refund refund =
        refunds.createRefund(
            new CreateRefundRequest().paymentIntentId(id).amount(400L).reason(RefundReason.REQUESTED_BY_CUSTOMER),
            UUID.randomUUID().toString());
    Refund readBack = refunds.retrieveRefund(refund.getId());
    if (readBack.getAmount() != 400L || readBack.getStatus() == Refund.StatusEnum.FAILED)
      throw new AssertionError("the refund was not read back");

    try {
      payer.retrievePaymentIntent(id, "wrong");
      throw new AssertionError("a wrong token was not refused");
    } catch (ApiException e) {
      ErrorBody error = JSON.deserialize(e.getResponseBody(), ErrorBody.class);
      if (error.getCode() != ErrorCode.INVALID_TOKEN) throw e;
    }
    System.out.println(id + " " + intent.getStatus() + ", refund " + readBack.getStatus());
    System.exit(0);
  }

  static void payInSandbox(String qrContent) throws Exception {
    HttpRequest pay =
        HttpRequest.newBuilder(URI.create(qrContent).resolve("/_control/pay"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"qr_content\":\"" + qrContent + "\"}"))
            .build();
    HttpClient.newHttpClient().send(pay, BodyHandlers.discarding());
  }
}
