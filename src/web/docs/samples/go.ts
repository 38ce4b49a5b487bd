/**
 * A request in Go: `net/http` and the function of the guide to signing.
 */
import { prettyJson } from './literals.ts';
import { imageFile, type SampleRequest } from './request.ts';

export function goSample(request: SampleRequest): string {
  const { method, url, headers, body } = request;
  const hasBody = body !== undefined;
  const lines = [
    ...(hasBody ? [`body := []byte(${rawString(prettyJson(body))})`] : []),
    `request, err := http.NewRequest("${method}", ${JSON.stringify(url)}, ${hasBody ? 'bytes.NewReader(body)' : 'nil'})`,
    ...FAIL,
    ...credentialLines(request),
    ...headers.map(([name, value]) => `request.Header.Set("${name}", ${JSON.stringify(value)})`),
    ...(hasBody ? ['request.Header.Set("Content-Type", "application/json")'] : []),
    'response, err := http.DefaultClient.Do(request)',
    ...FAIL,
    'defer response.Body.Close()',
    ...outputOf(request),
  ];
  return `package main

import (
${importsOf(request)}
)

func main() {
${lines.map((line) => `\t${line}`).join('\n')}
}`;
}

const FAIL = ['if err != nil {', '\tlog.Fatal(err)', '}'];

function importsOf({ credential, body, receives }: SampleRequest): string {
  const standard = [
    ...(body === undefined ? [] : ['bytes']),
    ...(credential === 'payPaySignature' ? ['crypto/hmac', 'crypto/sha256', 'encoding/hex'] : []),
    ...(receives === 'text' ? ['fmt'] : []),
    'io',
    'log',
    'net/http',
    'os',
    ...(credential === 'signature' ? ['time'] : []),
  ];
  const own = credential === 'signature' ? '\n\n\t"example.com/shop/pgw"' : '';
  return `${standard.map((name) => `\t"${name}"`).join('\n')}${own}`;
}

function credentialLines({ credential, method, path, body }: SampleRequest): string[] {
  switch (credential) {
    case 'signature':
      return [
        'apiKey, secretKey := os.Getenv("PGW_API_KEY"), os.Getenv("PGW_SECRET_KEY")',
        `request.Header.Set("Authorization", pgw.Authorization(apiKey, secretKey, "${method}", "${path}", ${body === undefined ? 'nil' : 'body'}, time.Now()))`,
      ];
    case 'payPaySignature':
      return [
        'mac := hmac.New(sha256.New, []byte(os.Getenv("WEBHOOK_SECRET")))',
        'mac.Write(body)',
        'request.Header.Set("X-PayPay-Signature", hex.EncodeToString(mac.Sum(nil)))',
      ];
    default:
      return [];
  }
}

function outputOf(request: SampleRequest): string[] {
  switch (request.receives) {
    case 'image':
      return [
        `file, err := os.Create("${imageFile(request)}")`,
        ...FAIL,
        'defer file.Close()',
        'io.Copy(file, response.Body)',
      ];
    case 'events':
      return ['io.Copy(os.Stdout, response.Body)'];
    default:
      return ['fmt.Println(response.StatusCode)', 'io.Copy(os.Stdout, response.Body)'];
  }
}

/** Between backticks, in which nothing has a meaning but the backtick. */
function rawString(text: string): string {
  return text.includes('`') ? JSON.stringify(text) : `\`${text}\``;
}
