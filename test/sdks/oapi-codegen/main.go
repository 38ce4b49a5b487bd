// A payment and a refund with the client that oapi-codegen generates.
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

	"mpac-pgw.example/sdk/pgw"
)

var baseURL, apiKey, secretKey, ref = os.Getenv("PGW_URL"), os.Getenv("PGW_API_KEY"), os.Getenv("PGW_SECRET_KEY"), os.Getenv("PGW_REF")

func sha256Hex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// sign signs a request by the documented rule.
func sign(_ context.Context, request *http.Request) error {
	var body []byte
	if request.Body != nil {
		var err error
		if body, err = io.ReadAll(request.Body); err != nil {
			return err
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
	}
	timestamp := time.Now().Unix()
	message := fmt.Sprintf("%s\n%s\n%d\n%s", request.Method, request.URL.EscapedPath(), timestamp, sha256Hex(body))
	mac := hmac.New(sha256.New, []byte(sha256Hex([]byte(secretKey))))
	mac.Write([]byte(message))
	request.Header.Set("Authorization", fmt.Sprintf("HMAC-SHA256 %s:%d:%x", apiKey, timestamp, mac.Sum(nil)))
	return nil
}

func main() {
	ctx := context.Background()
	payer := must(pgw.NewClientWithResponses(baseURL))
	server := must(pgw.NewClientWithResponses(baseURL, pgw.WithRequestEditorFn(sign)))

	key := fmt.Sprint(time.Now().UnixNano())
	created := must(server.CreatePaymentIntentWithResponse(ctx,
		&pgw.CreatePaymentIntentParams{IdempotencyKey: &key},
		pgw.CreatePaymentIntentRequest{
			Amount:             1000,
			Currency:           "JPY",
			PaymentMethodTypes: []pgw.PaymentMethodType{pgw.PaymentMethodTypeQrMpm},
			MerchantRefId:      ref,
		})).JSON201
	id, token := created.Id, created.PaymentToken

	confirmed := must(payer.ConfirmPaymentIntentWithResponse(ctx, id, nil, pgw.ConfirmPaymentIntentRequest{
		PaymentToken:      &token,
		PaymentMethodType: pgw.PaymentMethodTypeQrMpm,
		Provider:          pgw.ProviderPAYPAY,
	})).JSON200
	payInSandbox(confirmed.QrContent)

	retrieve := func(token string) *pgw.RetrievePaymentIntentResponse {
		return must(payer.RetrievePaymentIntentWithResponse(ctx, id, &pgw.RetrievePaymentIntentParams{PaymentToken: &token}))
	}
	intent := retrieve(token).JSON200
	for intent.Status == pgw.PaymentIntentStatusRequiresAction || intent.Status == pgw.PaymentIntentStatusProcessing {
		time.Sleep(100 * time.Millisecond)
		intent = retrieve(token).JSON200
	}

	limit := 10
	listed := must(server.ListPaymentIntentsWithResponse(ctx, &pgw.ListPaymentIntentsParams{MerchantRefId: &ref, Limit: &limit})).JSON200
	if len(*listed) != 1 || (*listed)[0].Id != id {
		log.Fatalf("the list lacks the payment: %v", *listed)
	}

	refundKey, amount, reason := "refund_"+key, pgw.Amount(400), pgw.RefundReasonRequestedByCustomer
	refund := must(server.CreateRefundWithResponse(ctx,
		&pgw.CreateRefundParams{IdempotencyKey: &refundKey},
		pgw.CreateRefundRequest{PaymentIntentId: id, Amount: &amount, Reason: &reason},
	)).JSON201
	readBack := must(server.RetrieveRefundWithResponse(ctx, refund.Id)).JSON200
	if readBack.Amount != 400 || readBack.Status == pgw.RefundStatusFailed {
		log.Fatalf("the refund was not read back: %+v", readBack)
	}

	if refused := retrieve("wrong").JSON401; refused == nil || refused.Code != pgw.ErrorCodeInvalidToken {
		log.Fatal("a wrong token was not refused")
	}
	fmt.Println(id, intent.Status, readBack.Status)
}

func payInSandbox(qrContent string) {
	pay := must(must(url.Parse(qrContent)).Parse("/_control/pay"))
	body := must(json.Marshal(map[string]string{"qr_content": qrContent}))
	must(http.Post(pay.String(), "application/json", bytes.NewReader(body)))
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
