/**
 * A request in Python: `requests` and the function of the guide to signing.
 */
import { type Notation, writeLiteral } from './literals.ts';
import { imageFile, type SampleRequest } from './request.ts';

const NOTATION: Notation = {
  object: ['{', '}'],
  entry: (name, value) => `${JSON.stringify(name)}: ${value}`,
  constants: { true: 'True', false: 'False', null: 'None' },
  emptyObject: '{}',
  string: JSON.stringify,
  indent: 4,
};

export function pythonSample(request: SampleRequest): string {
  const { url, method, body, receives, credential } = request;
  const headers = headersOf(request);
  const options = [
    JSON.stringify(url),
    ...(headers.length > 0 ? [`headers={\n        ${headers.join(',\n        ')},\n    }`] : []),
    ...(body === undefined ? [] : ['data=body']),
    ...(receives === 'events' ? ['stream=True'] : []),
    'timeout=30',
  ];
  const call = `requests.${method.toLowerCase()}(\n    ${options.join(',\n    ')},\n)`;
  const lines = [
    ...importsOf(request),
    ...(credential === 'signature'
      ? ['api_key, secret_key = os.environ["PGW_API_KEY"], os.environ["PGW_SECRET_KEY"]']
      : []),
    ...(body === undefined ? [] : [`body = json.dumps(${writeLiteral(body, NOTATION)}).encode()`]),
    ...outputOf(request, call),
  ];
  return lines.join('\n');
}

function importsOf({ credential, body }: SampleRequest): string[] {
  const standard = [
    ...(credential === 'payPaySignature' ? ['import hashlib', 'import hmac'] : []),
    ...(body === undefined ? [] : ['import json']),
    ...(credential === 'none' ? [] : ['import os']),
  ];
  return [
    ...(standard.length > 0 ? [...standard, ''] : []),
    'import requests',
    '',
    ...(credential === 'signature' ? ['from authorization import authorization', ''] : []),
  ];
}

function headersOf({ credential, method, path, headers, body }: SampleRequest): string[] {
  const signed = `api_key, secret_key, "${method}", "${path}"${body === undefined ? '' : ', body'}`;
  return [
    ...(credential === 'signature' ? [`"Authorization": authorization(${signed})`] : []),
    ...(credential === 'payPaySignature'
      ? [
          '"X-PayPay-Signature": hmac.new(os.environ["WEBHOOK_SECRET"].encode(), body, hashlib.sha256).hexdigest()',
        ]
      : []),
    ...headers.map(([name, value]) => `"${name}": ${JSON.stringify(value)}`),
    ...(body === undefined ? [] : ['"Content-Type": "application/json"']),
  ];
}

function outputOf(request: SampleRequest, call: string): string[] {
  switch (request.receives) {
    case 'image':
      return [
        `response = ${call}`,
        `with open("${imageFile(request)}", "wb") as file:`,
        '    file.write(response.content)',
      ];
    case 'events':
      return [
        `with ${call} as response:`,
        '    for line in response.iter_lines(decode_unicode=True):',
        '        print(line)',
      ];
    default:
      return [`response = ${call}`, 'print(response.status_code, response.text)'];
  }
}
