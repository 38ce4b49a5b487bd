/**
 * A request in Java: `HttpClient` and the class of the guide to signing.
 */
import { indentRest, prettyJson } from './literals.ts';
import { imageFile, type SampleRequest } from './request.ts';

export function javaSample(request: SampleRequest): string {
  const { operationId, body } = request;
  const lines = [
    ...(body === undefined ? [] : [`byte[] body = ${textBlock(prettyJson(body))}.getBytes(UTF_8);`]),
    ...credentialLines(request),
    [
      `HttpRequest request = HttpRequest.newBuilder(URI.create(${JSON.stringify(request.url)}))`,
      ...headersOf(request),
      '.build();',
    ].join('\n    '),
    outputOf(request),
  ];
  return `${importsOf(request).join('\n')}

class ${operationId.replace(/^./, (letter) => letter.toUpperCase())} {
  public static void main(String[] args) throws Exception {
    ${indentRest(lines.join('\n'), '    ')}
  }
}`;
}

function importsOf({ credential, body, receives }: SampleRequest): string[] {
  const names = [
    'java.net.URI',
    'java.net.http.HttpClient',
    'java.net.http.HttpRequest',
    ...(receives === 'text' ? ['java.net.http.HttpResponse'] : []),
    'java.net.http.HttpResponse.BodyHandlers',
    ...(receives === 'image' ? ['java.nio.file.Path'] : []),
    ...(credential === 'signature' ? ['java.time.Instant'] : []),
    ...(credential === 'payPaySignature'
      ? ['java.util.HexFormat', 'javax.crypto.Mac', 'javax.crypto.spec.SecretKeySpec']
      : []),
  ];
  return [
    ...(body === undefined ? [] : ['import static java.nio.charset.StandardCharsets.UTF_8;', '']),
    ...names.map((name) => `import ${name};`),
  ];
}

function credentialLines({ credential, method, path, body }: SampleRequest): string[] {
  switch (credential) {
    case 'signature':
      return [
        `String authorization = PgwSignature.authorization(
    System.getenv("PGW_API_KEY"), System.getenv("PGW_SECRET_KEY"),
    "${method}", "${path}", ${body === undefined ? 'new byte[0]' : 'body'}, Instant.now());`,
      ];
    case 'payPaySignature':
      return [
        `Mac mac = Mac.getInstance("HmacSHA256");
mac.init(new SecretKeySpec(System.getenv("WEBHOOK_SECRET").getBytes(UTF_8), "HmacSHA256"));
String signature = HexFormat.of().formatHex(mac.doFinal(body));`,
      ];
    default:
      return [];
  }
}

function headersOf({ credential, method, headers, body }: SampleRequest): string[] {
  const publisher = body === undefined ? 'noBody()' : 'ofByteArray(body)';
  return [
    ...(credential === 'signature' ? ['.header("Authorization", authorization)'] : []),
    ...(credential === 'payPaySignature' ? ['.header("X-PayPay-Signature", signature)'] : []),
    ...headers.map(([name, value]) => `.header("${name}", ${JSON.stringify(value)})`),
    ...(body === undefined ? [] : ['.header("Content-Type", "application/json")']),
    ...(method === 'GET' ? [] : [`.method("${method}", HttpRequest.BodyPublishers.${publisher})`]),
  ];
}

function outputOf(request: SampleRequest): string {
  switch (request.receives) {
    case 'image':
      return `HttpClient.newHttpClient().send(request, BodyHandlers.ofFile(Path.of("${imageFile(request)}")));`;
    case 'events':
      return `HttpClient.newHttpClient().send(request, BodyHandlers.ofLines()).body().forEach(System.out::println);`;
    default:
      return `HttpResponse<String> response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
System.out.println(response.statusCode() + " " + response.body());`;
  }
}

/** A text block, in which a backslash and three quotation marks have a meaning. */
function textBlock(text: string): string {
  const lines = text.replaceAll('\\', '\\\\').replaceAll('"""', '\\"""');
  return `"""\n    ${indentRest(lines, '    ')}"""`;
}
