/**
 * `npm run pack:client`: makes the client's own package, `mpac-pgw-client`, from src/client and prints its file name.
 * It is what the gateway's package exports as `mpac-pgw/client`, for ES modules and for CommonJS, and depends on
 * openapi-fetch only. Takes the options of `npm pack`, such as `--pack-destination DIR`.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

const { values } = parseArgs({ options: { 'pack-destination': { type: 'string', default: '.' } } });
// npm runs scripts in the folder of the package, and passes on where it was called.
const destination = resolve(process.env['INIT_CWD'] ?? '.', values['pack-destination']);
mkdirSync(destination, { recursive: true });
const folder = mkdtempSync(join(tmpdir(), 'mpac-pgw-client-'));
try {
  writePackage(folder);
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', destination];
  process.stdout.write(execFileSync('npm', args, { cwd: folder, encoding: 'utf8' }));
} finally {
  rmSync(folder, { recursive: true });
}

/** Writes what is packed: both builds with their types, the contract's types, manifest, README and licence. */
function writePackage(folder: string): void {
  compile(`${folder}/esm`);
  compile(`${folder}/cjs`, ...['--module', 'commonjs', '--moduleResolution', 'node10'], '--esModuleInterop');
  writeJson(`${folder}/package.json`, manifest());
  // The nearest package.json says what the files are: CommonJS without a type. Bundlers look there for sideEffects too.
  writeJson(`${folder}/esm/package.json`, { type: 'module', sideEffects: false });
  cpSync(`${ROOT}/generated/openapi.d.ts`, `${folder}/generated/openapi.d.ts`);
  cpSync(`${ROOT}/docs/client.md`, `${folder}/README.md`);
  cpSync(`${ROOT}/LICENSE`, `${folder}/LICENSE`);
}

/** Compiles below src, so that `../../generated/` in the output leads to the package's own folder of that name. */
function compile(outDir: string, ...options: string[]): void {
  const layout = ['--rootDir', 'src', '--outDir', outDir, '--emitDeclarationOnly', 'false'];
  const args = [TSC, '-p', 'tsconfig.client.json', '--noCheck', '--verbatimModuleSyntax', 'false'];
  execFileSync(process.execPath, [...args, ...layout, ...options], { cwd: ROOT, stdio: 'inherit' });
}

function manifest(): object {
  const gateway = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as Manifest;
  const entry = (build: string) => ({
    types: `./${build}/client/index.d.ts`,
    default: `./${build}/client/index.js`,
  });
  return {
    name: 'mpac-pgw-client',
    version: gateway.version,
    description: 'Client of the mpac-pgw payment gateway, for Node, browsers and the edge.',
    license: gateway.license,
    engines: { node: '>=20' },
    sideEffects: false,
    main: './cjs/client/index.js',
    module: './esm/client/index.js',
    types: './cjs/client/index.d.ts',
    exports: {
      '.': { import: entry('esm'), require: entry('cjs') },
      './package.json': './package.json',
    },
    files: ['esm', 'cjs', 'generated'],
    dependencies: { 'openapi-fetch': gateway.dependencies['openapi-fetch'] },
  };
}

function writeJson(path: string, value: object): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
