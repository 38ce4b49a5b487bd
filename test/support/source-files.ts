/**
 * The source as data, for the tidy test: files, imports, functions.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

const ROOT = new URL('../../', import.meta.url).pathname;

export interface SourceFile {
  /** From the project's root, for example `src/http/app.ts`. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
}

export interface Import {
  /** A path from the root for the project's files, otherwise the package's name. */
  readonly target: string;
  readonly isTypeOnly: boolean;
}

/** All files of the project that git tracks or would track. */
export function listFiles(): string[] {
  const output = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return output.trim().split('\n');
}

export function readSource(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return { path, text, lines: text.split('\n') };
}

/** TypeScript files below a folder. */
export function sourcesBelow(folder: string): SourceFile[] {
  return listFiles()
    .filter((path) => path.startsWith(`${folder}/`) && path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .map(readSource);
}

/** What a file imports, also at run time, or re-exports. */
export function importsOf(file: SourceFile): Import[] {
  const parsed = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest);
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, isTypeOnly: boolean) => {
    if (specifier && ts.isStringLiteral(specifier)) {
      found.push({ target: resolve(file.path, specifier.text), isTypeOnly });
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, isTypeOnly(node));
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed);
  return found;
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) {
    return node.isTypeOnly;
  }
  const clause = node.importClause;
  if (!clause) {
    return false;
  }
  if (clause.isTypeOnly) {
    return true;
  }
  const bindings = clause.namedBindings;
  return (
    !clause.name &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.every((element) => element.isTypeOnly)
  );
}

function resolve(from: string, specifier: string): string {
  if (specifier.startsWith('.')) {
    return normalize(join(dirname(from), specifier));
  }
  const [scope = '', name = ''] = specifier.split('/');
  return specifier.startsWith('@') ? `${scope}/${name}` : specifier.startsWith('node:') ? specifier : scope;
}

/** Functions with a body, by name and length in lines. */
export function functionsOf(file: SourceFile): { name: string; lines: number }[] {
  const parsed = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
  const found: { name: string; lines: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (
      (ts.isFunctionDeclaration(node) ||
        ts.isMethodDeclaration(node) ||
        ts.isArrowFunction(node) ||
        ts.isFunctionExpression(node)) &&
      node.body
    ) {
      const first = parsed.getLineAndCharacterOfPosition(node.getStart(parsed)).line;
      const last = parsed.getLineAndCharacterOfPosition(node.end).line;
      found.push({ name: nameOf(node), lines: last - first + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed);
  return found;
}

function nameOf(node: ts.Node & { name?: ts.Node | undefined }): string {
  if (node.name && ts.isIdentifier(node.name)) {
    return node.name.text;
  }
  return node.parent && ts.isVariableDeclaration(node.parent) && ts.isIdentifier(node.parent.name)
    ? node.parent.name.text
    : '(anonymous)';
}
