/**
 * Syntax highlighting: comments, strings, keys, numbers, variables and common keywords. Not a grammar per language,
 * because libraries that have those weigh megabytes or write inline styles, which the content policy forbids.
 */
import { type Html, html } from '../../lib/html.ts';

const SHELL = new Set(['sh', 'bash', 'shell', 'console']);
const PLAIN = new Set(['', 'text', 'http', 'txt']);
const HASH_COMMENTS = new Set([...SHELL, 'python', 'py', 'yaml', 'yml', 'php', 'dockerfile']);

const KEYWORDS =
  'as|async|await|break|case|catch|class|const|continue|def|defer|do|else|except|export|extends|final|finally|for|fn|foreach|' +
  'from|func|function|if|implements|import|in|interface|let|local|new|package|private|public|raise|return|static|struct|' +
  'switch|throw|throws|try|type|use|var|void|while|with|then|fi|done|esac';

/** The content of a `code` element. */
function colourCode(code: string, language: string): Html {
  const name = language.toLowerCase();
  if (PLAIN.has(name)) {
    return html`${code}`;
  }
  const parts: Html[] = [];
  let end = 0;
  for (const match of code.matchAll(patternFor(name))) {
    const [kind] = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined) ?? ['plain'];
    parts.push(html`${code.slice(end, match.index)}<span class="c-${kind}">${match[0]}</span>`);
    end = match.index + match[0].length;
  }
  return html`${parts}${code.slice(end)}`;
}

function patternFor(language: string): RegExp {
  const isShell = SHELL.has(language);
  const comment = HASH_COMMENTS.has(language) ? '(?<=^|\\s)#.*$' : '(?<=^|\\s)//.*$';
  // Shell strings can span lines. Elsewhere they cannot, so that an apostrophe in a comment does not start one.
  const string = isShell
    ? `'[^']*'|"(?:\\\\[^]|[^"\\\\])*"`
    : `"(?:\\\\.|[^"\\\\\\n])*"|'(?:\\\\.|[^'\\\\\\n])*'|\`(?:\\\\[^]|[^\`\\\\])*\``;
  const alternatives = [
    ...(language === 'json' ? [] : [`(?<comment>${comment})`]),
    ...(language === 'json' ? ['(?<key>"(?:\\\\.|[^"\\\\\\n])*"(?=\\s*:))'] : []),
    ...(['yaml', 'yml'].includes(language) ? ['(?<key>(?<=^[\\s-]*)[\\w-]+(?=:(\\s|$)))'] : []),
    `(?<string>${string})`,
    ...(isShell || language === 'php' ? ['(?<variable>\\$\\{?\\w+\\}?)'] : []),
    '(?<number>(?<![\\w.-]|\\w:)-?\\d+(\\.\\d+)?(?![\\w.-])|\\b(true|false|null|None|True|False|nil)\\b)',
    ...(['json', 'yaml', 'yml'].includes(language)
      ? []
      : [`(?<keyword>(?<![\\w$./-])(${KEYWORDS})(?![\\w/.-]))`]),
  ];
  return new RegExp(alternatives.join('|'), 'gm');
}

/** How a language is called above its code. */
const NAMES: Readonly<Record<string, string>> = {
  sh: 'Shell',
  console: 'Terminal',
  ts: 'TypeScript',
  python: 'Python',
  go: 'Go',
  java: 'Java',
  php: 'PHP',
  json: 'JSON',
  yaml: 'YAML',
  http: 'HTTP',
  html: 'HTML',
};

/** A code block; the script adds a button that copies it. */
export function codeBlock(code: string, language: string): Html {
  return html`<div class="code"><div class="code-head"><span>${NAMES[language] ?? ''}</span></div>
${renderCode(code, language)}</div>
`;
}

/** The same code in several languages. The first is shown until the script has added a switch. */
export function codeBlocks(codes: readonly { readonly language: string; readonly text: string }[]): Html {
  return html`<div class="code switchable"><div class="code-head"><span>${NAMES[codes[0]?.language ?? ''] ?? ''}</span></div>
${codes.map(({ language, text }) => html`<div data-code="${language}" data-name="${NAMES[language] ?? language}">${renderCode(text, language)}</div>`)}</div>
`;
}

/** Scrolls by itself; tabindex makes it scroll by keyboard too. */
function renderCode(code: string, language: string): Html {
  return html`<pre tabindex="0"><code>${colourCode(code.replace(/\n$/, ''), language)}</code></pre>`;
}
