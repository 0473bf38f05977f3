import { markup, type Markup } from './html';

const STYLE = `
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1b2733; background: #fff; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; } img { max-width: 100%; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .35rem .6rem; vertical-align: top; border-bottom: 1px solid #e3e8ee; }
td.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.name { font-weight: 600; overflow-wrap: anywhere; } .note { color: #5b6b7b; } .stop { color: #b3261e; font-weight: 600; }
.bar { fill: #2a6fbb; } .pale { fill: #b9c6d4; } dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; } dt { color: #5b6b7b; } dd { margin: 0; }
`;

/** A page as one file: no scripts, and the browser loads nothing, whatever is in it. */
export function page(title: string, body: Markup): string {
  return markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <style>
          ${{ text: STYLE }}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html>
`.text;
}
