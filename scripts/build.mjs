/**
 * Compiles the program and the declarations of the client into dist/. Plain JavaScript, because it runs at every
 * installation, without the development dependencies.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const compile = (project) =>
  execFileSync(process.execPath, [tsc, '-p', project, '--noCheck'], { cwd: ROOT, stdio: 'inherit' });

rmSync(`${ROOT}/dist`, { recursive: true, force: true });
compile('tsconfig.build.json');
compile('tsconfig.client.json');
// The compiler does not copy declarations, guides, style sheets and browser scripts.
cpSync(`${ROOT}/generated/openapi.d.ts`, `${ROOT}/dist/generated/openapi.d.ts`);
for (const folder of [
  'web/docs/guides',
  'web/docs/assets',
  'web/checkout/browser',
  'web/console/browser',
  'sandbox/pages/browser',
]) {
  cpSync(`${ROOT}/src/${folder}`, `${ROOT}/dist/src/${folder}`, { recursive: true });
}
// The contract as JSON, because parsing the YAML takes a sixth of a start.
writeFileSync(
  `${ROOT}/dist/openapi.json`,
  JSON.stringify(parse(readFileSync(`${ROOT}/openapi.yaml`, 'utf8'))),
);
