// Zones (JSON on standard input: lists of lines) through npm's mrz; one answer each, on standard output.
//     node parse_npm.mjs PACKAGE_FOLDER
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const { parse } = await import(pathToFileURL(`${process.argv[2]}/lib/index.js`));

function answer(lines) {
  let said;
  try {
    said = parse(lines);
  } catch (error) {
    return { error: String(error.message) };
  }
  const checks = said.details.filter((one) => /CheckDigit$/.test(one.field ?? ''));
  const fields = said.fields;
  return {
    accepted: said.valid,
    checks: checks.every((one) => one.valid),
    number: said.documentNumber ?? fields.documentNumber,
    surname: fields.lastName,
    given_names: fields.firstName,
    birth: fields.birthDate,
    expiry: fields.expirationDate,
    sex: { male: 'M', female: 'F', nonspecified: '' }[fields.sex] ?? fields.sex,
    issuer: fields.issuingState,
    nationality: fields.nationality,
  };
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(answer)));
