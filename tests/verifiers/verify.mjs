// Verifies license files and revocation lists as FORMAT.md says: with jose, and with nothing of License Desk.
//
//     npm ci
//     node verify.mjs jwks.json vectors.json
import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { base64url, compactVerify, errors, importJWK } from "jose";

globalThis.crypto ??= webcrypto; // Node 18 has it, but not under this name.

const ALGORITHMS = ["ES256", "EdDSA"];
const LARGEST = 64 * 1024;
const SKEW = 300;
const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;
const NO_LIST = { iat: 0, revocations: [] };

/** What is wrong, by its name in FORMAT.md. */
class Refused extends Error {}

/**
 * Says what a license file is worth at `now` (seconds since 1970) to a product that knows `known`.
 * `keys` is a Map of JWKs by `kid`.
 */
export async function verify(licenseFile, keys, now, known) {
  let claims;
  try {
    claims = await readLicense(licenseFile, keys, known);
  } catch (error) {
    return { verdict: named(error), revocations: "none", clock: "good" };
  }
  const [list, fault] = await readRevocations(keys, known);
  const moment = Math.max(now, known.high_water, claims.iat, list.iat);
  const revoked = new Set(list.revocations.map((each) => each.jti));
  return {
    verdict: verdictOf(claims, revoked, moment, known),
    revocations: fault ?? (list.exp <= moment ? "stale" : "current"),
    clock: moment - now > SKEW ? "behind" : "good",
  };
}

/** Steps 15 to 22 of FORMAT.md. */
function verdictOf(claims, revoked, moment, known) {
  if (claims.serial !== known.serial) return "WrongSerial";
  if (known.environment_type && claims.environment_type !== known.environment_type) return "WrongEnvironmentType";
  if (Object.hasOwn(known.highest_seq, claims.sub) && claims.seq < known.highest_seq[claims.sub]) return "OlderLicense";
  if (revoked.has(claims.jti)) return "Revoked";
  if (moment < claims.nbf) return "not yet valid";
  if (!("exp" in claims) || moment < claims.license_end) return "valid";
  return moment < claims.exp ? "in grace" : "expired";
}

/** Steps 1 to 14: the claims of a license file whose signature is good. */
async function readLicense(licenseFile, keys, known) {
  if (Buffer.byteLength(licenseFile) > LARGEST) throw new Refused("LicenseFileTooLarge");
  const claims = await readSigned(licenseFile, "license+jwt", "NotALicenseFile", keys, known.test_keys);
  const texts = ["aud", "sub", "jti", "serial", "environment_type"].map((name) => claims[name]);
  const counts = ["iat", "nbf", "seq"].map((name) => claims[name]);
  need(texts.every(isText) && counts.every(isCount) && hasGoodTerm(claims), "ClaimMalformed");
  need(claims.aud === known.audience, "NotForThisProduct");
  return claims;
}

/** The claims of the revocation list, or an empty list and why it does not count. */
async function readRevocations(keys, known) {
  if (known.revocations === null) return [NO_LIST, "none"];
  try {
    const claims = await readSigned(
      known.revocations, "license-revocations+jwt", "NotARevocationList", keys, known.test_keys);
    const entries = claims.revocations;
    need([claims.iat, claims.exp, claims.seq].every(isCount), "ClaimMalformed");
    need(Array.isArray(entries) && entries.every((each) => isText(each?.jti)), "ClaimMalformed");
    need(claims.seq >= known.revocations_seq, "OlderRevocations");
    return [claims, null];
  } catch (error) {
    return [NO_LIST, named(error)];
  }
}

/** Steps 2 to 12, of license files and lists alike. */
async function readSigned(text, type, malformed, keys, testKeys) {
  const token = text.trim(); // In JavaScript a byte order mark is white space.
  need(COMPACT.test(token), malformed);
  const [header, payload] = token.split(".");
  const { typ, alg, kid, ...others } = jsonObject(header, malformed);
  need(typ === type, "WrongType");
  need(!("crit" in others), "UnknownExtension");
  need(ALGORITHMS.includes(alg), "WrongAlgorithm");
  // The key, and with it the algorithm, is the product's choice and never the file's.
  const key = keys.get(kid);
  need(key !== undefined, "UnknownKey");
  need(alg === key.alg, "WrongAlgorithm");
  const publicKey = await importJWK(key);
  try {
    await compactVerify(token, publicKey, { algorithms: [key.alg] });
  } catch (error) {
    if (error instanceof errors.JOSEError) throw new Refused("SignatureMismatch");
    throw error;
  }
  need(testKeys || key.purpose !== "test", "TestKey");
  const claims = jsonObject(payload, malformed);
  need(claims.ver === 1, "UnknownFormatVersion");
  return claims;
}

/** Both ends are absent when the license is perpetual; one of them alone would be a fault. */
function hasGoodTerm({ nbf, license_end, exp }) {
  if (license_end === undefined && exp === undefined) return true;
  return isCount(license_end) && isCount(exp) && nbf < license_end && license_end <= exp;
}

function jsonObject(segment, malformed) {
  let found;
  try {
    found = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(base64url.decode(segment)));
  } catch {
    throw new Refused(malformed);
  }
  need(typeof found === "object" && found !== null && !Array.isArray(found), malformed);
  return found;
}

function need(condition, otherwise) {
  if (!condition) throw new Refused(otherwise);
}

function named(error) {
  if (error instanceof Refused) return error.message;
  throw error; // A fault of this program is not one of the file.
}

function isText(value) {
  return typeof value === "string" && value !== "";
}

function isCount(value) {
  return Number.isSafeInteger(value) && value >= 0;
}

const [jwks, { vectors }] = process.argv.slice(2).map((name) => JSON.parse(readFileSync(name, "utf8")));
const keys = new Map(jwks.keys.map((key) => [key.kid, key]));
for (const vector of vectors) {
  const found = await verify(vector.license, keys, vector.now, vector);
  console.log([vector.name, found.verdict, found.revocations, found.clock].join("\t"));
}
