// A payment and a refund with the client that ogen generates.
package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/ogen-go/ogen/ogenerrors"
	"mpac-pgw.example/sdk/pgw"
)

var baseURL, apiKey, secretKey, ref = os.Getenv("PGW_URL"), os.Getenv("PGW_API_KEY"), os.Getenv("PGW_SECRET_KEY"), os.Getenv("PGW_REF")

func sha256Hex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// signer signs each request by the documented rule, when it is on the wire and its body is known.
type signer struct{}

func (signer) Do(request *http.Request) (*http.Response, error) {
	var body []byte
	if request.Body != nil {
		var err error
		if body, err = io.ReadAll(request.Body); err != nil {
			return nil, err
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
	}
	timestamp := time.Now().Unix()
	message := fmt.Sprintf("%s\n%s\n%d\n%s", request.Method, request.URL.EscapedPath(), timestamp, sha256Hex(body))
	mac := hmac.New(sha256.New, []byte(sha256Hex([]byte(secretKey))))
	mac.Write([]byte(message))
	request.Header.Set("Authorization", fmt.Sprintf("HMAC-SHA256 %s:%d:%x", apiKey, timestamp, mac.Sum(nil)))
	return http.DefaultClient.Do(request)
}

// credentials says what a client has: a payment_token, or, when there is none, a signature (the signer fills it in).
type credentials struct{ paymentToken string }

func (c credentials) Hmac(context.Context, pgw.OperationName) (pgw.Hmac, error) {
	if c.paymentToken != "" {
		return pgw.Hmac{}, ogenerrors.ErrSkipClientSecurity
	}
	return pgw.Hmac{}, nil
}

func (c credentials) PaymentToken(context.Context, pgw.OperationName) (pgw.PaymentToken, error) {
	if c.paymentToken == "" {
		return pgw.PaymentToken{}, ogenerrors.ErrSkipClientSecurity
	}
	return pgw.PaymentToken{APIKey: c.paymentToken}, nil
}

func (credentials) PayPayWebhook(context.Context, pgw.OperationName) (pgw.PayPayWebhook, error) {
	return pgw.PayPayWebhook{}, ogenerrors.ErrSkipClientSecurity
}

func main() {
	ctx := context.Background()
	server := must(pgw.NewClient(baseURL, credentials{}, pgw.WithClient(signer{})))

	created := expect[*pgw.CreatedPaymentIntentHeaders](server.CreatePaymentIntent(ctx,
		&pgw.CreatePaymentIntentRequest{
			Amount:             1000,
			Currency:           "JPY",
			PaymentMethodTypes: []pgw.PaymentMethodType{pgw.PaymentMethodTypeQrMpm},
			MerchantRefID:      pgw.MerchantRefId(ref),
		},
		pgw.CreatePaymentIntentParams{IdempotencyKey: pgw.NewOptIdempotencyKeyValue(pgw.IdempotencyKeyValue(fmt.Sprint(time.Now().UnixNano())))},
	)).Response
	id := string(created.ID)

	payer := must(pgw.NewClient(baseURL, credentials{string(created.PaymentToken)}))
	confirmed := expect[*pgw.ConfirmedPaymentIntentHeaders](payer.ConfirmPaymentIntent(ctx,
		&pgw.ConfirmPaymentIntentRequest{PaymentMethodType: pgw.PaymentMethodTypeQrMpm, Provider: pgw.ProviderPAYPAY},
		pgw.ConfirmPaymentIntentParams{ID: id},
	)).Response
	payInSandbox(confirmed.QrContent)

	retrieve := func() pgw.PaymentIntent {
		return expect[*pgw.PaymentIntentHeaders](payer.RetrievePaymentIntent(ctx, pgw.RetrievePaymentIntentParams{ID: id})).Response
	}
	intent := retrieve()
	for intent.Status == pgw.PaymentIntentStatusRequiresAction || intent.Status == pgw.PaymentIntentStatusProcessing {
		time.Sleep(100 * time.Millisecond)
		intent = retrieve()
	}

	listed := expect[*pgw.ListPaymentIntentsOKHeaders](server.ListPaymentIntents(ctx, pgw.ListPaymentIntentsParams{
		MerchantRefID: pgw.NewOptMerchantRefId(pgw.MerchantRefId(ref)),
		Limit:         pgw.NewOptInt(10),
	})).Response
	if len(listed) != 1 || listed[0].ID != created.ID {
		log.Fatalf("the list lacks the payment: %v", listed)
	}

	refund := expect[*pgw.RefundHeaders](server.CreateRefund(ctx,
		&pgw.CreateRefundRequest{
			PaymentIntentID: created.ID,
			Amount:          pgw.NewOptAmount(400),
			Reason:          pgw.NewOptRefundReason(pgw.RefundReasonRequestedByCustomer),
		},
		pgw.CreateRefundParams{IdempotencyKey: pgw.NewOptIdempotencyKeyValue(pgw.IdempotencyKeyValue(fmt.Sprint(time.Now().UnixNano())))},
	)).Response
	readBack := expect[*pgw.RetrieveRefundOKHeaders](server.RetrieveRefund(ctx, pgw.RetrieveRefundParams{ID: string(refund.ID)})).Response
	if readBack.Amount != 400 || readBack.Status == pgw.RefundStatusFailed {
		log.Fatalf("the refund was not read back: %+v", readBack)
	}

	stranger := must(pgw.NewClient(baseURL, credentials{"wrong"}))
	refused := expect[*pgw.UnauthorizedHeaders](stranger.RetrievePaymentIntent(ctx, pgw.RetrievePaymentIntentParams{ID: id})).Response
	if refused.Code != pgw.ErrorCodeInvalidToken {
		log.Fatalf("a wrong token was refused with %s", refused.Code)
	}
	fmt.Println(id, intent.Status, readBack.Status)
}

func payInSandbox(qrContent string) {
	pay := must(must(url.Parse(qrContent)).Parse("/_control/pay"))
	body := must(json.Marshal(map[string]string{"qr_content": qrContent}))
	must(http.Post(pay.String(), "application/json", bytes.NewReader(body)))
}

// expect is for one of an operation's answers; ogen gives each a type of its own.
func expect[Expected any](answer any, err error) Expected {
	expected, isExpected := must(answer, err).(Expected)
	if !isExpected {
		log.Fatalf("unexpected answer: %+v", answer)
	}
	return expected
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
