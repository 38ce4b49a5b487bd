// Passkeys. A form with data-ceremony is carried out here: fetch the options, ask the browser, send what it returns, and go where the
// response says. A form with data-verify is sent once its operator has proved who they are. The conversions between bytes and
// base64url are written out, because browsers have had toJSON for passkeys since 2025 only.

/** What is shown to the operator. */
class Problem extends Error {}

/** @param {string} text base64url */
function toBytes(text) {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** @param {ArrayBuffer | null} buffer */
function toText(buffer) {
  const binary = Array.from(new Uint8Array(buffer ?? new ArrayBuffer(0)), (byte) =>
    String.fromCharCode(byte),
  );
  return btoa(binary.join('')).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** @param {{ id: string }[]} [descriptors] */
function withBytes(descriptors) {
  return descriptors?.map((descriptor) => ({ ...descriptor, id: toBytes(descriptor.id) }));
}

/**
 * @param {HTMLFormElement} form
 * @param {string} path
 * @param {object} body
 */
async function send(form, path, body) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => undefined);
  const json = await response?.json().catch(() => undefined);
  if (response?.status === 401) {
    location.assign(`/sign-in?to=${encodeURIComponent(location.pathname)}`);
  }
  if (!response?.ok && json?.error === 'verify') {
    await verify(form);
    return send(form, path, body);
  }
  if (!response?.ok || !json) {
    throw new Problem(json?.error ?? form.dataset['offline']);
  }
  return json;
}

/**
 * @param {string} kind
 * @param {any} options as JSON
 * @returns {Promise<PublicKeyCredential>}
 */
async function ask(kind, options) {
  const publicKey = {
    ...options,
    challenge: toBytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: toBytes(options.user.id) } }),
    ...(options.allowCredentials && { allowCredentials: withBytes(options.allowCredentials) }),
    ...(options.excludeCredentials && { excludeCredentials: withBytes(options.excludeCredentials) }),
  };
  const credentials = navigator.credentials;
  const found = await (kind === 'create'
    ? credentials.create({ publicKey })
    : credentials.get({ publicKey }));
  return /** @type {PublicKeyCredential} */ (found);
}

/** @param {PublicKeyCredential} credential */
function toJson(credential) {
  const { id, rawId, type, response } = credential;
  const parts =
    response instanceof AuthenticatorAttestationResponse
      ? {
          attestationObject: toText(response.attestationObject),
          transports: response.getTransports?.() ?? [],
        }
      : response instanceof AuthenticatorAssertionResponse
        ? {
            authenticatorData: toText(response.authenticatorData),
            signature: toText(response.signature),
            ...(response.userHandle && { userHandle: toText(response.userHandle) }),
          }
        : {};
  const clientDataJSON = toText(response.clientDataJSON);
  return {
    id,
    rawId: toText(rawId),
    type,
    clientExtensionResults: {},
    response: { clientDataJSON, ...parts },
  };
}

/**
 * @param {HTMLFormElement} form
 * @param {{ kind: string, options: string, result: string }} ceremony
 */
async function run(form, { kind, options, result }) {
  if (!('PublicKeyCredential' in window)) {
    throw new Problem(form.dataset['unsupported']);
  }
  const asked = await send(form, options, {});
  const credential = toJson(await ask(kind, asked));
  return send(form, result, { credential, to: form.dataset['to'] });
}

/** @param {HTMLFormElement} form */
function verify(form) {
  return run(form, { kind: 'get', options: '/verify/options', result: '/verify' });
}

/** @param {HTMLFormElement} form */
async function carryOut(form) {
  const { ceremony, options = '', result = '' } = form.dataset;
  if (ceremony === undefined) {
    await verify(form);
    // Not again through this script.
    form.submit();
    return;
  }
  const { to } = await run(form, { kind: ceremony, options, result });
  location.assign(to);
}

/**
 * @param {HTMLFormElement} form
 * @param {unknown} error
 */
function describe(form, error) {
  if (error instanceof Problem) {
    return error.message;
  }
  const exists = error instanceof DOMException && error.name === 'InvalidStateError';
  return form.dataset[exists ? 'exists' : 'cancelled'] ?? '';
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches('[data-ceremony], [data-verify]')) {
    return;
  }
  event.preventDefault();
  const button = form.querySelector('button');
  const line = form.querySelector('.problem[role="alert"]');
  button?.setAttribute('disabled', '');
  line?.setAttribute('hidden', '');
  carryOut(form).catch((error) => {
    button?.removeAttribute('disabled');
    if (line) {
      line.textContent = describe(form, error);
      line.removeAttribute('hidden');
    }
  });
});
