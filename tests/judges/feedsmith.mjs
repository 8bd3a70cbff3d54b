// What feedsmith, an npm library that feed readers are built with, finds in feeds.
// Standard input: a list of documents; standard output: a list of {format, feed}.
import { readFileSync } from 'node:fs';
import { parseFeed } from 'feedsmith';

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map((document) => parseFeed(document))));
