/**
 * One operation of the API reference: description, parameters, body, responses, and a command that calls it; and the
 * requests that the gateway sends because of it.
 */
import { type Html, html } from '../../../lib/html.ts';
import { codeBlock, codeBlocks } from '../code.ts';
import { renderHeading, renderInline, renderMarkdown } from '../markdown.ts';
import { contentSamples, type RequestSample, requestSamples, type Sample } from '../samples/samples.ts';
import {
  type ContractTree,
  listCallbacks,
  type Media,
  type Parameter,
  type PlacedOperation,
  type Ref,
  type RequestBody,
  type Response,
  refName,
} from './contract-tree.ts';
import { type Field, renderFields, renderProperties, renderType } from './schema.ts';

/** Display names of the contract's security schemes. */
const SCHEME_NAMES: Readonly<Record<string, string>> = {
  hmac: 'HMAC signature',
  paymentToken: 'payment_token',
  payPayWebhook: 'webhook signature',
};

const PLACES = [
  ['path', 'Path'],
  ['query', 'Query'],
  ['header', 'Headers'],
] as const;

export function schemeName(scheme: string): string {
  return SCHEME_NAMES[scheme] ?? scheme;
}

export function renderMethod(method: string): Html {
  return html`<span class="method ${method.toLowerCase()}">${method}</span>`;
}

/** @param publicUrl the gateway's address in the samples */
export function renderOperation(tree: ContractTree, operation: PlacedOperation, publicUrl: string): Html {
  const { operationId, summary = operationId, description = '', method, path } = operation;
  const success = Object.entries(operation.responses ?? {}).filter(([status]) => /^[23]/.test(status));
  return html`<article class="operation" aria-labelledby="${operationId}">
<div class="about">
${renderHeading(2, operationId, summary)}
<p class="route">${renderMethod(method)} <code>${path}</code>${operation.deprecated === true && ' (deprecated)'}</p>
${renderMarkdown(description).content}
<p class="auth"><strong>Authentication</strong> ${renderSecurity(operation)}</p>
${PLACES.map(([place, title]) => renderParameters(tree, operation, place, title))}
${renderBody(tree, operation)}
<h3>Responses</h3>
${success.map(([status, response]) => renderSuccess(tree, status, tree.follow<Response>(response)))}
${renderErrors(tree, operation)}
</div>
<div class="samples">
${renderRequests(requestSamples(tree, operation, publicUrl))}
${success.map(([status, response]) => renderSamples(`Response ${status}`, contentSamples(tree, tree.follow<Response>(response).content)))}
</div>
</article>
${listCallbacks(tree, operation).map((callback) => renderCallback(tree, callback, operation))}`;
}

/** A request that the gateway sends and the merchant's server receives. */
function renderCallback(tree: ContractTree, callback: PlacedOperation, cause: PlacedOperation): Html {
  const { operationId, summary = operationId, description = '', method, path, responses = {} } = callback;
  const [, field] = /^\{\$request\.body#\/(\w+)\}$/.exec(path) ?? [];
  const address = field === undefined ? html`<code>${path}</code>` : html`the <code>${field}</code>`;
  const requestBody = callback.requestBody && tree.follow<RequestBody>(callback.requestBody);
  return html`<article class="operation" aria-labelledby="${operationId}">
<div class="about">
${renderHeading(2, operationId, summary)}
<p class="route">${renderMethod(method)} <span>to ${address} of <a href="/docs/reference#${cause.operationId}">${cause.summary ?? cause.operationId}</a>, sent by the gateway</span></p>
${renderMarkdown(description).content}
${PLACES.map(([place, title]) => renderParameters(tree, callback, place, title))}
${renderBody(tree, callback)}
<h3>Your response</h3>
${Object.entries(responses).map(
  ([
    status,
    response,
  ]) => html`<div class="response"><p><span class="status${/^2/.test(status) && ' ok'}">${status}</span> ${renderInline(tree.follow<Response>(response).description ?? '')}</p></div>
`,
)}</div>
<div class="samples">
${renderSamples('Body', contentSamples(tree, requestBody?.content))}
</div>
</article>
`;
}

/** The first sample is visible, the others are collapsed. */
export function renderSamples(title: string, samples: readonly Sample[]): Html | undefined {
  const blocks = samples.map(({ label, text, language }) => ({ label, block: codeBlock(text, language) }));
  return renderBlocks(title, blocks);
}

function renderRequests(samples: readonly RequestSample[]): Html | undefined {
  const blocks = samples.map(({ label, codes }) => ({ label, block: codeBlocks(codes) }));
  return renderBlocks('Request', blocks);
}

function renderBlocks(
  title: string,
  blocks: readonly { readonly label: string; readonly block: Html }[],
): Html | undefined {
  const [first, ...others] = blocks;
  if (!first) {
    return undefined;
  }
  return html`<div class="sample"><p class="label">${title}${first.label !== 'Request' && html`: ${first.label}`}</p>
${first.block}
${others.map(({ label, block }) => html`<details><summary>${label}</summary>${block}</details>`)}</div>
`;
}

function renderSecurity({ security = [] }: PlacedOperation): Html {
  const schemes = security.flatMap((requirement) => Object.keys(requirement));
  if (schemes.length === 0) {
    return html`none`;
  }
  return html`${schemes.map(
    (scheme, index) =>
      html`${index > 0 && ' or '}<a href="/docs/reference#auth-${scheme}">${schemeName(scheme)}</a>`,
  )}`;
}

function renderParameters(
  tree: ContractTree,
  { parameters = [] }: PlacedOperation,
  place: Parameter['in'],
  title: string,
): Html | undefined {
  const fields: Field[] = parameters
    .map((parameter) => tree.follow<Parameter>(parameter))
    .filter((parameter) => parameter.in === place)
    .map(({ name, required = false, description, schema = {}, example }) => ({
      name,
      isRequired: required,
      description,
      schema,
      example,
    }));
  return fields.length === 0 ? undefined : html`<h3>${title}</h3>${renderFields(tree, fields)}`;
}

function renderBody(tree: ContractTree, operation: PlacedOperation): Html | undefined {
  const requestBody = operation.requestBody && tree.follow<RequestBody>(operation.requestBody);
  const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  if (type === undefined || !media?.schema) {
    return undefined;
  }
  const suffix = requestBody?.required === true ? '' : ', optional';
  return html`<h3>Body <span class="type">${renderType(tree, media.schema)}, ${type}${suffix}</span></h3>
${renderProperties(tree, media.schema)}`;
}

function renderSuccess(tree: ContractTree, status: string, response: Response): Html {
  const { description = '', headers = {}, content = {} } = response;
  return html`<div class="response"><p><span class="status ok">${status}</span> ${renderInline(description)}</p>
${Object.entries(content).map(([type, media]) => renderMedia(tree, type, media))}
<p class="headers">Headers: ${Object.keys(headers).map(
    (name, index) =>
      html`${index > 0 && ', '}<a href="/docs/reference#${headerId(name)}"><code>${name}</code></a>`,
  )}</p>
</div>
`;
}

function renderMedia(tree: ContractTree, type: string, { schema }: Media): Html {
  const properties = schema && renderProperties(tree, schema);
  const words = html`${schema && html`${renderType(tree, schema)}, `}<code>${type}</code>`;
  return properties
    ? html`<details class="children"><summary>Properties</summary><p class="type">${words}</p>${properties}</details>`
    : html`<p class="type">${words}</p>`;
}

/** Error responses are shared by all operations, so each is one line with a link to its section. */
function renderErrors(tree: ContractTree, { responses = {} }: PlacedOperation): Html {
  const errors = Object.entries(responses).filter(([status]) => /^[45]/.test(status));
  return html`<details class="errors"><summary>Errors: ${errors.map(([status], index) => html`${index > 0 && ', '}${status}`)}</summary>
<ul>
${errors.map(([status, response]) => renderErrorLine(tree, status, response))}</ul>
</details>
`;
}

function renderErrorLine(tree: ContractTree, status: string, response: Response | Ref): Html {
  const name = refName(response);
  const { description = '' } = tree.follow<Response>(response);
  const link =
    name === undefined ? html`${status}` : html`<a href="/docs/reference#error-${name}">${status}</a>`;
  return html`<li><span class="status">${link}</span> ${renderInline(description)}</li>
`;
}

/** The id of the section that describes a header. */
export function headerId(name: string): string {
  return `header-${name.toLowerCase()}`;
}
