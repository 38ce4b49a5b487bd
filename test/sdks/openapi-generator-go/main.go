// A payment and a refund with the client that openapi-generator generates for Go.
package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
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

type signer struct{}

// RoundTrip signs a request by the documented rule.
func (signer) RoundTrip(request *http.Request) (*http.Response, error) {
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
	return http.DefaultTransport.RoundTrip(request)
}

func client(transport http.RoundTripper) *pgw.APIClient {
	configuration := pgw.NewConfiguration()
	configuration.Servers = pgw.ServerConfigurations{{URL: baseURL}}
	configuration.HTTPClient = &http.Client{Transport: transport}
	return pgw.NewAPIClient(configuration)
}

func main() {
	ctx := context.Background()
	payer, server := client(http.DefaultTransport).PaymentIntentsAPI, client(signer{}).PaymentIntentsAPI

	create := pgw.NewCreatePaymentIntentRequest(1000, "JPY", []pgw.PaymentMethodType{pgw.QR_MPM}, ref)
	created, _, err := server.CreatePaymentIntent(ctx).
		IdempotencyKey(fmt.Sprint(time.Now().UnixNano())).
		CreatePaymentIntentRequest(*create).
		Execute()
	check(err)

	confirm := pgw.NewConfirmPaymentIntentRequest(pgw.QR_MPM, pgw.PAYPAY)
	confirm.SetPaymentToken(created.PaymentToken)
	confirmed, _, err := payer.ConfirmPaymentIntent(ctx, created.Id).ConfirmPaymentIntentRequest(*confirm).Execute()
	check(err)
	payInSandbox(confirmed.QrContent)

	retrieve := func(token string) (*pgw.PaymentIntent, error) {
		intent, _, err := payer.RetrievePaymentIntent(ctx, created.Id).PaymentToken(token).Execute()
		return intent, err
	}
	intent, err := retrieve(created.PaymentToken)
	check(err)
	for intent.Status == pgw.REQUIRES_ACTION || intent.Status == pgw.PROCESSING {
		time.Sleep(100 * time.Millisecond)
		intent, err = retrieve(created.PaymentToken)
		check(err)
	}

	listed, _, err := server.ListPaymentIntents(ctx).MerchantRefId(ref).Limit(10).Execute()
	check(err)
	if len(listed) != 1 || listed[0].Id != created.Id {
		log.Fatal("the list lacks the payment")
	}

	refunds := client(signer{}).RefundsAPI
	request := pgw.NewCreateRefundRequest(created.Id)
	request.SetAmount(400)
	request.SetReason(pgw.REQUESTED_BY_CUSTOMER)
	refund, _, err := refunds.CreateRefund(ctx).
		IdempotencyKey(fmt.Sprint(time.Now().UnixNano())).
		CreateRefundRequest(*request).
		Execute()
	check(err)
	readBack, _, err := refunds.RetrieveRefund(ctx, refund.Id).Execute()
	check(err)
	if readBack.Amount != 400 || readBack.Status == "failed" {
		log.Fatalf("the refund was not read back: %+v", readBack)
	}

	_, err = retrieve("wrong")
	var refusal *pgw.GenericOpenAPIError
	if !errors.As(err, &refusal) {
		log.Fatal("a wrong token was not refused: ", err)
	}
	if body, ok := refusal.Model().(pgw.ErrorBody); !ok || body.Code != pgw.INVALID_TOKEN {
		log.Fatal("a wrong token was refused for another reason: ", refusal)
	}
	fmt.Println(created.Id, intent.Status, readBack.Status)
}

func payInSandbox(qrContent string) {
	target, err := url.Parse(qrContent)
	check(err)
	body, err := json.Marshal(map[string]string{"qr_content": qrContent})
	check(err)
	target = target.ResolveReference(&url.URL{Path: "/_control/pay"})
	response, err := http.Post(target.String(), "application/json", bytes.NewReader(body))
	check(err)
	check(response.Body.Close())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
