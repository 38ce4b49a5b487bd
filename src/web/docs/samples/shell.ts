/**
 * A request as a curl command.
 */
import { prettyJson } from './literals.ts';
import { imageFile, type SampleRequest } from './request.ts';

const PAYPAY_SIGNATURE = `$(printf %s "$BODY" | openssl dgst -sha256 -hmac "$WEBHOOK_SECRET" -r | cut -d' ' -f1)`;

export function shellSample(request: SampleRequest): string {
  const { method, url, headers, body, receives } = request;
  const hasBody = body !== undefined;
  const options = [
    `curl -s${receives === 'events' ? 'N' : ''} '${url}'`,
    ...(method === (hasBody ? 'POST' : 'GET') ? [] : [`-X ${method}`]),
    ...credentialOptions(request),
    ...headers.map(([name, value]) => `-H '${name}: ${value}'`),
    ...(hasBody ? ["-H 'Content-Type: application/json'", '-d "$BODY"'] : []),
    ...(receives === 'image' ? [`-o ${imageFile(request)}`] : []),
  ];
  const assignment = hasBody ? `BODY='${prettyJson(body).replaceAll("'", "'\\''")}'\n` : '';
  return `${assignment}${options.join(' \\\n  ')}`;
}

function credentialOptions({ credential, method, path, body }: SampleRequest): string[] {
  switch (credential) {
    case 'signature':
      return [
        `-H "Authorization: $(authorization ${method} ${path}${body === undefined ? '' : ' "$BODY"'})"`,
      ];
    case 'payPaySignature':
      return [`-H "X-PayPay-Signature: ${PAYPAY_SIGNATURE}"`];
    default:
      return [];
  }
}
