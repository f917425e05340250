import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Verifies license files and revocation lists as FORMAT.md says: with the JDK (17 or later), and with nothing else.
 *
 * <p>{@code java Verify.java jwks.json vectors.json}
 */
public class Verify {
    static final int LARGEST = 64 * 1024;
    static final int SKEW = 300;
    static final Pattern COMPACT = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*");
    static final Map<String, Object> NO_LIST = Map.of("iat", 0L, "revocations", List.of());

    /** What is wrong, by its name in FORMAT.md. */
    static class Refused extends Exception {
        Refused(String name) {
            super(name);
        }
    }

    /** What becomes of a license and of a list, and whether the clock is right. */
    record Result(String verdict, String revocations, String clock) {}

    /**
     * Says what a license file is worth at `now` (seconds since 1970) to a product that knows `known`.
     * `keys` are JWKs by `kid`.
     */
    static Result verify(String licenseFile, Map<String, Map<String, Object>> keys, long now, Map<String, Object> known)
            throws GeneralSecurityException {
        Map<String, Object> claims;
        try {
            claims = readLicense(licenseFile, keys, known);
        } catch (Refused refused) {
            return new Result(refused.getMessage(), "none", "good");
        }
        Map<String, Object> list = NO_LIST;
        String fault = known.get("revocations") == null ? "none" : null;
        if (fault == null) {
            try {
                list = readRevocations(keys, known);
            } catch (Refused refused) {
                fault = refused.getMessage();
            }
        }
        long claimed = Math.max(number(claims, "iat"), number(list, "iat"));
        long moment = Math.max(Math.max(now, number(known, "high_water")), claimed);
        if (fault == null) {
            fault = number(list, "exp") <= moment ? "stale" : "current";
        }
        return new Result(verdict(claims, list, moment, known), fault, moment - now > SKEW ? "behind" : "good");
    }

    /** Steps 15 to 22 of FORMAT.md. */
    static String verdict(Map<String, Object> claims, Map<String, Object> list, long moment, Map<String, Object> known) {
        if (!claims.get("serial").equals(known.get("serial"))) {
            return "WrongSerial";
        }
        Object type = known.get("environment_type");
        if (type != null && !type.equals(claims.get("environment_type"))) {
            return "WrongEnvironmentType";
        }
        Object highest = object(known.get("highest_seq")).get(claims.get("sub"));
        if (highest != null && number(claims, "seq") < (Long) highest) {
            return "OlderLicense";
        }
        for (Object each : (List<?>) list.get("revocations")) {
            if (object(each).get("jti").equals(claims.get("jti"))) {
                return "Revoked";
            }
        }
        if (moment < number(claims, "nbf")) {
            return "not yet valid";
        }
        if (!claims.containsKey("exp") || moment < number(claims, "license_end")) {
            return "valid";
        }
        return moment < number(claims, "exp") ? "in grace" : "expired";
    }

    /** Steps 1 to 14: the claims of a license file whose signature is good. */
    static Map<String, Object> readLicense(
            String licenseFile, Map<String, Map<String, Object>> keys, Map<String, Object> known)
            throws Refused, GeneralSecurityException {
        need(licenseFile.getBytes(StandardCharsets.UTF_8).length <= LARGEST, "LicenseFileTooLarge");
        Map<String, Object> claims = readSigned(
                licenseFile, "license+jwt", "NotALicenseFile", keys, (Boolean) known.get("test_keys"));
        for (String name : List.of("aud", "sub", "jti", "serial", "environment_type")) {
            need(isText(claims.get(name)), "ClaimMalformed");
        }
        for (String name : List.of("iat", "nbf", "seq")) {
            need(isCount(claims.get(name)), "ClaimMalformed");
        }
        need(hasGoodTerm(claims), "ClaimMalformed");
        need(claims.get("aud").equals(known.get("audience")), "NotForThisProduct");
        return claims;
    }

    /** The claims of a revocation list that counts. */
    static Map<String, Object> readRevocations(Map<String, Map<String, Object>> keys, Map<String, Object> known)
            throws Refused, GeneralSecurityException {
        Map<String, Object> claims = readSigned(
                (String) known.get("revocations"),
                "license-revocations+jwt",
                "NotARevocationList",
                keys,
                (Boolean) known.get("test_keys"));
        for (String name : List.of("iat", "exp", "seq")) {
            need(isCount(claims.get(name)), "ClaimMalformed");
        }
        need(claims.get("revocations") instanceof List, "ClaimMalformed");
        for (Object each : (List<?>) claims.get("revocations")) {
            need(each instanceof Map && isText(object(each).get("jti")), "ClaimMalformed");
        }
        need(number(claims, "seq") >= number(known, "revocations_seq"), "OlderRevocations");
        return claims;
    }

    /** Steps 2 to 12, of license files and lists alike. */
    static Map<String, Object> readSigned(
            String text, String type, String malformed, Map<String, Map<String, Object>> keys, boolean testKeys)
            throws Refused, GeneralSecurityException {
        String token = (text.startsWith("\ufeff") ? text.substring(1) : text).strip();
        need(COMPACT.matcher(token).matches(), malformed);
        String[] segments = token.split("\\.", -1);
        Map<String, Object> header = jsonObject(segments[0], malformed);
        need(type.equals(header.get("typ")), "WrongType");
        need(!header.containsKey("crit"), "UnknownExtension");
        Object algorithm = header.get("alg");
        need("ES256".equals(algorithm) || "EdDSA".equals(algorithm), "WrongAlgorithm");
        // The key, and with it the algorithm, is the product's choice and never the file's.
        Map<String, Object> key = header.get("kid") instanceof String kid ? keys.get(kid) : null;
        need(key != null, "UnknownKey");
        need(algorithm.equals(key.get("alg")), "WrongAlgorithm");
        need(isSignature(segments[0] + "." + segments[1], segments[2], key), "SignatureMismatch");
        need(testKeys || !"test".equals(key.get("purpose")), "TestKey");
        Map<String, Object> claims = jsonObject(segments[1], malformed);
        need(Long.valueOf(1).equals(claims.get("ver")), "UnknownFormatVersion");
        return claims;
    }

    static boolean isSignature(String signed, String signature, Map<String, Object> key)
            throws GeneralSecurityException {
        boolean isEc = "EC".equals(key.get("kty"));
        Signature verifier = Signature.getInstance(isEc ? "SHA256withECDSAinP1363Format" : "Ed25519");
        verifier.initVerify(isEc ? ecKey(key) : edKey(key));
        verifier.update(signed.getBytes(StandardCharsets.US_ASCII));
        try {
            byte[] raw = Base64.getUrlDecoder().decode(signature);
            return raw.length == 64 && verifier.verify(raw);
        } catch (IllegalArgumentException | SignatureException notOne) {
            return false;
        }
    }

    static PublicKey ecKey(Map<String, Object> key) throws GeneralSecurityException {
        AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
        curve.init(new ECGenParameterSpec("secp256r1"));
        byte[] x = Base64.getUrlDecoder().decode((String) key.get("x"));
        byte[] y = Base64.getUrlDecoder().decode((String) key.get("y"));
        ECPoint point = new ECPoint(new BigInteger(1, x), new BigInteger(1, y));
        return KeyFactory.getInstance("EC")
                .generatePublic(new ECPublicKeySpec(point, curve.getParameterSpec(ECParameterSpec.class)));
    }

    static PublicKey edKey(Map<String, Object> key) throws GeneralSecurityException {
        // RFC 8032, section 5.1.2: 32 bytes, the lowest first; the highest bit says whether x is odd.
        byte[] raw = Base64.getUrlDecoder().decode((String) key.get("x"));
        byte[] y = new byte[32];
        for (int place = 0; place < 32; place++) {
            y[place] = raw[31 - place];
        }
        boolean isOdd = (y[0] & 0x80) != 0;
        y[0] &= 0x7f;
        return KeyFactory.getInstance("Ed25519").generatePublic(new EdECPublicKeySpec(
                NamedParameterSpec.ED25519, new EdECPoint(isOdd, new BigInteger(1, y))));
    }

    /** Both ends are absent when the license is perpetual; one of them alone would be a fault. */
    static boolean hasGoodTerm(Map<String, Object> claims) {
        if (!claims.containsKey("license_end") && !claims.containsKey("exp")) {
            return true;
        }
        return isCount(claims.get("license_end"))
                && isCount(claims.get("exp"))
                && number(claims, "nbf") < number(claims, "license_end")
                && number(claims, "license_end") <= number(claims, "exp");
    }

    static Map<String, Object> jsonObject(String segment, String malformed) throws Refused {
        try {
            ByteBuffer raw = ByteBuffer.wrap(Base64.getUrlDecoder().decode(segment));
            Object found = new Json(StandardCharsets.UTF_8.newDecoder().decode(raw).toString()).read();
            need(found instanceof Map, malformed);
            return object(found);
        } catch (IllegalArgumentException | CharacterCodingException notOne) {
            throw new Refused(malformed);
        }
    }

    static void need(boolean condition, String otherwise) throws Refused {
        if (!condition) {
            throw new Refused(otherwise);
        }
    }

    static boolean isText(Object value) {
        return value instanceof String text && !text.isEmpty();
    }

    static boolean isCount(Object value) {
        return value instanceof Long number && number >= 0;
    }

    static long number(Map<String, Object> claims, String name) {
        return (Long) claims.get(name);
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(Object value) {
        return (Map<String, Object>) value;
    }

    /** Reads JSON (RFC 8259), for the JDK has nothing for it; with a JSON library at hand, leave this out. */
    static class Json {
        static final int DEEPEST = 100;
        static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
        final String text;
        int place;
        int depth;

        Json(String text) {
            this.text = text;
        }

        Object read() {
            Object found = value();
            next();
            if (place < text.length()) {
                throw fault();
            }
            return found;
        }

        Object value() {
            if (++depth > DEEPEST) {
                throw fault();
            }
            Object found = switch (next()) {
                case '{' -> members();
                case '[' -> elements();
                case '"' -> string();
                case 't' -> word("true", true);
                case 'f' -> word("false", false);
                case 'n' -> word("null", null);
                default -> number();
            };
            depth--;
            return found;
        }

        Map<String, Object> members() {
            Map<String, Object> found = new HashMap<>();
            place++;
            while (next() != '}') {
                if (!found.isEmpty()) {
                    take(',');
                }
                next();
                String name = string();
                take(':');
                found.put(name, value());
            }
            place++;
            return found;
        }

        List<Object> elements() {
            List<Object> found = new ArrayList<>();
            place++;
            while (next() != ']') {
                if (!found.isEmpty()) {
                    take(',');
                }
                found.add(value());
            }
            place++;
            return found;
        }

        String string() {
            StringBuilder found = new StringBuilder();
            take('"');
            while (place < text.length() && text.charAt(place) != '"') {
                char each = text.charAt(place++);
                if (each < ' ') {
                    throw fault();
                }
                found.append(each == '\\' ? escaped() : each);
            }
            take('"');
            return found.toString();
        }

        char escaped() {
            int known = place < text.length() ? "\"\\/bfnrtu".indexOf(text.charAt(place)) : -1;
            place++;
            if (known < 0 || (known == 8 && !text.substring(place).matches("(?s)[0-9A-Fa-f]{4}.*"))) {
                throw fault();
            }
            if (known < 8) {
                return "\"\\/\b\f\n\r\t".charAt(known);
            }
            place += 4;
            return (char) Integer.parseInt(text.substring(place - 4, place), 16);
        }

        Object word(String word, Object meaning) {
            if (!text.startsWith(word, place)) {
                throw fault();
            }
            place += word.length();
            return meaning;
        }

        Object number() {
            var found = NUMBER.matcher(text).region(place, text.length());
            if (!found.lookingAt()) {
                throw fault();
            }
            place = found.end();
            boolean isWhole = found.group(2) == null && found.group(3) == null && found.group().length() < 19;
            return isWhole ? (Object) Long.valueOf(found.group()) : (Object) Double.valueOf(found.group());
        }

        void take(char expected) {
            if (next() != expected) {
                throw fault();
            }
            place++;
        }

        char next() {
            while (place < text.length() && " \t\r\n".indexOf(text.charAt(place)) >= 0) {
                place++;
            }
            return place < text.length() ? text.charAt(place) : 0;
        }

        IllegalArgumentException fault() {
            return new IllegalArgumentException("no JSON at " + place);
        }
    }

    public static void main(String[] names) throws Exception {
        Map<String, Map<String, Object>> keys = new HashMap<>();
        for (Object each : (List<?>) object(new Json(Files.readString(Path.of(names[0]))).read()).get("keys")) {
            keys.put((String) object(each).get("kid"), object(each));
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (Object each : (List<?>) object(new Json(Files.readString(Path.of(names[1]))).read()).get("vectors")) {
            Map<String, Object> vector = object(each);
            Result found = verify((String) vector.get("license"), keys, number(vector, "now"), vector);
            out.println(String.join("\t", (String) vector.get("name"), found.verdict, found.revocations, found.clock));
        }
    }
}
