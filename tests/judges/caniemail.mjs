// Which features of mails some clients do not support, by caniemail.com's tables.
// Standard input: {"clients": [...], "pages": [...]}; standard output: a list of {page, feature, client, element}.
import { readFileSync } from 'node:fs';
import { caniemail, rawData } from 'caniemail';

const { clients, pages } = JSON.parse(readFileSync(0, 'utf8'));

// The tables have no word yet of some features in some clients, and caniemail stops there: no word is no verdict.
for (const { stats } of rawData.data) {
  for (const client of clients) {
    const [family, platform] = client.split('.');
    stats[family] ??= {};
    stats[family][platform] ??= { none: 'u' };
  }
}

const blank = (text) => text.replace(/[^\n]/g, ' ');
const found = pages.flatMap((page, index) => {
  const html = page.replace(/<style\b[\s\S]*?<\/style>/g, blank);
  const lines = html.split('\n');
  const shown = ({ line, column }) => lines[line - 1].slice(column - 1).split('>')[0] + '>';
  const { issues } = caniemail({ clients, html });
  return [...issues.errors].flatMap(([client, list]) =>
    list.map(({ title, position }) => ({
      page: index, feature: title, client, element: position ? shown(position.start) : '',
    })),
  );
});
process.stdout.write(JSON.stringify(found));
