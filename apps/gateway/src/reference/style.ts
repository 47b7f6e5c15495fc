/** The look of the reference page. One string, so that its hash can stand in the page's Content-Security-Policy. */
export const style = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentcolor 20%, transparent); --soft: color-mix(in srgb, currentcolor 7%, transparent); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 1.5rem; font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1, h2, h3, h4 { line-height: 1.2; }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; }
h3 { margin-top: 2.5rem; }
h4 { margin: 1.5rem 0 .5rem; }
a { color: LinkText; }
code, pre { font: .875rem/1.5 ui-monospace, monospace; }
code { background: var(--soft); border-radius: .2rem; padding: .1rem .25rem; }
pre { background: var(--soft); border-radius: .4rem; padding: .75rem 1rem; white-space: pre-wrap; }
.scroll { overflow-x: auto; overflow-wrap: normal; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: top; }
nav ul { list-style: none; padding: 0; columns: 18rem; }
.method { font-weight: 600; text-transform: uppercase; }
`;
