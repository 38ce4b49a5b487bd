/**
 * One client generator of `npm run test:sdks`, and the commands that its steps use.
 */
import { fileURLToPath } from 'node:url';

export interface Step {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Sdk {
  /** The name of its folder in test/sdks/. */
  readonly name: string;
  readonly generator: string;
  readonly version: string;
  /** False for a proxy. */
  readonly hasTypes: boolean;
  /** Commands that succeed if the toolchain is installed. */
  readonly needs: readonly Step[];
  readonly generate: readonly Step[];
  readonly compile: readonly Step[];
  readonly run: Step;
}

export function step(command: string, ...args: string[]): Step {
  return { command, args };
}

export function node(...args: string[]): Step {
  return step(process.execPath, ...args);
}

export function maven(...args: string[]): Step {
  return step('mvn', '--quiet', '--batch-mode', ...args);
}

/** A file of one of the project's own packages. */
export function installed(path: string): string {
  return fileURLToPath(new URL(`../node_modules/${path}`, import.meta.url));
}

/** Installs what the package.json of the folder names. */
export function npmInstall(): Step {
  return step('npm', 'install', '--no-audit', '--no-fund', '--no-package-lock');
}

/** For generated TypeScript, whose imports have no file extension. */
export function checkTypes(): Step {
  return node(
    installed('typescript/bin/tsc'),
    ...['--noEmit', '--strict', '--module', 'esnext', '--moduleResolution', 'bundler', '--target', 'es2022'],
    ...['--types', 'node', '--skipLibCheck', 'pay.ts'],
  );
}

/** The same, run without a compilation. */
export function runTypeScript(): Step {
  return node('--import', 'tsx', 'pay.ts');
}
