/**
 * A request in PHP: the function of the guide to signing, and PHP's own HTTP, which needs no extension.
 */
import { type Notation, singleQuoted, writeLiteral } from './literals.ts';
import { imageFile, type SampleRequest } from './request.ts';

const NOTATION: Notation = {
  object: ['[', ']'],
  entry: (name, value) => `${singleQuoted(name)} => ${value}`,
  constants: { true: 'true', false: 'false', null: 'null' },
  emptyObject: '(object) []',
  string: phpString,
  indent: 4,
};

export function phpSample(request: SampleRequest): string {
  const { method, credential, body } = request;
  const headers = headersOf(request);
  const options = [
    ...(method === 'GET' ? [] : [`'method' => '${method}',`]),
    ...(headers.length > 0 ? [`'header' => [`, ...headers.map((header) => `    ${header},`), '],'] : []),
    ...(body === undefined ? [] : ["'content' => $body,"]),
    "'ignore_errors' => true,",
  ];
  const lines = [
    ...(credential === 'signature' ? ["require 'authorization.php';", ''] : []),
    ...(body === undefined ? [] : [`$body = json_encode(${writeLiteral(body, NOTATION)});`]),
    `$context = stream_context_create(['http' => [\n${options.map((line) => `    ${line}`).join('\n')}\n]]);`,
    ...outputOf(request),
  ];
  return `<?php\n\n${lines.join('\n')}`;
}

function headersOf({ credential, method, path, headers, body }: SampleRequest): string[] {
  const signed = `getenv('PGW_API_KEY'), getenv('PGW_SECRET_KEY'), '${method}', '${path}'${body === undefined ? '' : ', $body'}`;
  return [
    ...(credential === 'signature' ? [`'Authorization: ' . authorization(${signed})`] : []),
    ...(credential === 'payPaySignature'
      ? ["'X-PayPay-Signature: ' . hash_hmac('sha256', $body, getenv('WEBHOOK_SECRET'))"]
      : []),
    ...headers.map(([name, value]) => phpString(`${name}: ${value}`)),
    ...(body === undefined ? [] : ["'Content-Type: application/json'"]),
  ];
}

function outputOf(request: SampleRequest): string[] {
  const url = phpString(request.url);
  switch (request.receives) {
    case 'image':
      return [`file_put_contents('${imageFile(request)}', file_get_contents(${url}, false, $context));`];
    case 'events':
      return [
        `$events = fopen(${url}, 'r', false, $context);`,
        'while (($line = fgets($events)) !== false) {',
        '    echo $line;',
        '}',
      ];
    default:
      return [`echo file_get_contents(${url}, false, $context), "\\n";`];
  }
}

/** Only in double quotes can a line feed be written. */
function phpString(text: string): string {
  return text.includes('\n') ? JSON.stringify(text).replaceAll('$', '\\$') : singleQuoted(text);
}
