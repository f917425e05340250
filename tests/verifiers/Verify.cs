using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

/// <summary>
/// Verifies license files and revocation lists as FORMAT.md says: with the .NET base library, and with nothing else.
/// That library has no EdDSA, so that it verifies what an ES256 key signed.
/// <code>dotnet run -- jwks.json vectors.json</code>
/// </summary>
public static class Verify
{
    const int Largest = 64 * 1024;
    const int Skew = 300;
    static readonly Regex Compact = new Regex(@"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\z");
    static readonly Encoding Utf8 = new UTF8Encoding(false, throwOnInvalidBytes: true);
    static readonly JsonElement NoList = JsonDocument.Parse("{\"iat\": 0, \"revocations\": []}").RootElement;

    /// <summary>What is wrong, by its name in FORMAT.md.</summary>
    public class Refused : Exception
    {
        public Refused(string name) : base(name) { }
    }

    /// <summary>What the product is, and what it remembers; moments are in seconds since 1970.</summary>
    public class Known
    {
        public string Audience, Serial, EnvironmentType, Revocations;
        public bool TestKeys;
        public Dictionary<string, long> HighestSeq = new Dictionary<string, long>();
        public long HighWater, RevocationsSeq;
    }

    /// <summary>
    /// Says what a license file is worth at <c>now</c>, what becomes of the list, and whether the clock is right.
    /// <c>keys</c> are JWKs by <c>kid</c>.
    /// </summary>
    public static string[] Check(string licenseFile, Dictionary<string, JsonElement> keys, long now, Known known)
    {
        JsonElement claims;
        try
        {
            claims = ReadLicense(licenseFile, keys, known);
        }
        catch (Refused refused)
        {
            return new[] { refused.Message, "none", "good" };
        }
        var list = NoList;
        var state = known.Revocations == null ? "none" : "current";
        try
        {
            if (known.Revocations != null) list = ReadRevocations(keys, known);
        }
        catch (Refused refused)
        {
            state = refused.Message;
        }
        var moment = new[] { now, known.HighWater, Number(claims, "iat"), Number(list, "iat") }.Max();
        if (state == "current" && Number(list, "exp") <= moment) state = "stale";
        return new[] { Verdict(claims, list, moment, known), state, moment - now > Skew ? "behind" : "good" };
    }

    // Steps 15 to 22 of FORMAT.md.
    static string Verdict(JsonElement claims, JsonElement list, long moment, Known known)
    {
        if (Text(claims, "serial") != known.Serial) return "WrongSerial";
        if (known.EnvironmentType != null && Text(claims, "environment_type") != known.EnvironmentType)
            return "WrongEnvironmentType";
        if (known.HighestSeq.TryGetValue(Text(claims, "sub"), out var highest) && Number(claims, "seq") < highest)
            return "OlderLicense";
        if (list.GetProperty("revocations").EnumerateArray().Any(each => Text(each, "jti") == Text(claims, "jti")))
            return "Revoked";
        if (moment < Number(claims, "nbf")) return "not yet valid";
        if (!claims.TryGetProperty("exp", out _) || moment < Number(claims, "license_end")) return "valid";
        return moment < Number(claims, "exp") ? "in grace" : "expired";
    }

    // Steps 1 to 14: the claims of a license file whose signature is good.
    static JsonElement ReadLicense(string licenseFile, Dictionary<string, JsonElement> keys, Known known)
    {
        Need(Encoding.UTF8.GetByteCount(licenseFile) <= Largest, "LicenseFileTooLarge");
        var claims = ReadSigned(licenseFile, "license+jwt", "NotALicenseFile", keys, known.TestKeys);
        var texts = new[] { "aud", "sub", "jti", "serial", "environment_type" };
        var counts = new[] { "iat", "nbf", "seq" };
        Need(texts.All(name => Text(claims, name) != ""), "ClaimMalformed");
        Need(counts.All(name => Number(claims, name) >= 0) && HasGoodTerm(claims), "ClaimMalformed");
        Need(Text(claims, "aud") == known.Audience, "NotForThisProduct");
        return claims;
    }

    // The claims of a revocation list that counts.
    static JsonElement ReadRevocations(Dictionary<string, JsonElement> keys, Known known)
    {
        var claims = ReadSigned(
            known.Revocations, "license-revocations+jwt", "NotARevocationList", keys, known.TestKeys);
        Need(new[] { "iat", "exp", "seq" }.All(name => Number(claims, name) >= 0), "ClaimMalformed");
        Need(
            claims.TryGetProperty("revocations", out var entries) && entries.ValueKind == JsonValueKind.Array
                && entries.EnumerateArray().All(each => Text(each, "jti") != ""),
            "ClaimMalformed");
        Need(Number(claims, "seq") >= known.RevocationsSeq, "OlderRevocations");
        return claims;
    }

    // Steps 2 to 12, of license files and lists alike.
    static JsonElement ReadSigned(
        string text, string type, string malformed, Dictionary<string, JsonElement> keys, bool testKeys)
    {
        var token = text.TrimStart('\ufeff').Trim();
        Need(Compact.IsMatch(token), malformed);
        var segments = token.Split('.');
        var header = JsonObject(segments[0], malformed);
        Need(Text(header, "typ") == type, "WrongType");
        Need(!header.TryGetProperty("crit", out _), "UnknownExtension");
        var algorithm = Text(header, "alg");
        Need(algorithm == "ES256" || algorithm == "EdDSA", "WrongAlgorithm");
        // The key, and with it the algorithm, is the product's choice and never the file's.
        Need(keys.TryGetValue(Text(header, "kid"), out var key), "UnknownKey");
        Need(algorithm == Text(key, "alg"), "WrongAlgorithm");
        Need(IsSignature(segments[0] + "." + segments[1], segments[2], key), "SignatureMismatch");
        Need(testKeys || Text(key, "purpose") != "test", "TestKey");
        var claims = JsonObject(segments[1], malformed);
        Need(Number(claims, "ver") == 1, "UnknownFormatVersion");
        return claims;
    }

    static bool IsSignature(string signed, string signature, JsonElement key)
    {
        if (Text(key, "kty") != "EC") throw new NotSupportedException("The .NET base library has no EdDSA.");
        byte[] raw;
        try
        {
            raw = Decoded(signature);
        }
        catch (FormatException)
        {
            return false;
        }
        var point = new ECPoint { X = Decoded(Text(key, "x")), Y = Decoded(Text(key, "y")) };
        using (var ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = point }))
            return raw.Length == 64 && ecdsa.VerifyData(Encoding.ASCII.GetBytes(signed), raw, HashAlgorithmName.SHA256);
    }

    // Both ends are absent when the license is perpetual; one of them alone would be a fault.
    static bool HasGoodTerm(JsonElement claims)
    {
        if (!claims.TryGetProperty("license_end", out _) && !claims.TryGetProperty("exp", out _)) return true;
        long end = Number(claims, "license_end"), graceEnd = Number(claims, "exp");
        return Number(claims, "nbf") < end && end <= graceEnd;
    }

    static JsonElement JsonObject(string segment, string malformed)
    {
        try
        {
            var found = JsonDocument.Parse(Utf8.GetString(Decoded(segment))).RootElement;
            Need(found.ValueKind == JsonValueKind.Object, malformed);
            return found;
        }
        catch (Exception error) when (error is FormatException || error is DecoderFallbackException || error is JsonException)
        {
            throw new Refused(malformed);
        }
    }

    static byte[] Decoded(string segment)
    {
        var padding = new string('=', (4 - segment.Length % 4) % 4);
        return Convert.FromBase64String(segment.Replace('-', '+').Replace('_', '/') + padding);
    }

    static void Need(bool condition, string otherwise)
    {
        if (!condition) throw new Refused(otherwise);
    }

    // A member that is a text, or else an empty text.
    static string Text(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out var found)) return "";
        try
        {
            return found.ValueKind == JsonValueKind.String ? found.GetString() : "";
        }
        catch (InvalidOperationException)
        {
            return ""; // Half of a surrogate pair, escaped, is JSON but no text.
        }
    }

    // A member that is a whole number, or else a negative one.
    static long Number(JsonElement element, string name)
    {
        return element.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.Number
            && found.TryGetInt64(out var number) ? number : -1;
    }

    static Known KnownOf(JsonElement vector)
    {
        return new Known
        {
            Audience = Text(vector, "audience"),
            Serial = Text(vector, "serial"),
            EnvironmentType = vector.GetProperty("environment_type").GetString(),
            Revocations = vector.GetProperty("revocations").GetString(),
            TestKeys = vector.GetProperty("test_keys").GetBoolean(),
            HighestSeq = vector.GetProperty("highest_seq").EnumerateObject()
                .ToDictionary(each => each.Name, each => each.Value.GetInt64()),
            HighWater = Number(vector, "high_water"),
            RevocationsSeq = Number(vector, "revocations_seq"),
        };
    }

    public static void Main(string[] names)
    {
        var jwks = JsonDocument.Parse(File.ReadAllText(names[0])).RootElement.GetProperty("keys");
        var keys = jwks.EnumerateArray().ToDictionary(each => Text(each, "kid"));
        foreach (var vector in JsonDocument.Parse(File.ReadAllText(names[1])).RootElement
            .GetProperty("vectors").EnumerateArray())
        {
            string[] found;
            try
            {
                found = Check(Text(vector, "license"), keys, Number(vector, "now"), KnownOf(vector));
            }
            catch (NotSupportedException)
            {
                found = new[] { "EdDSA", "is not", "supported" };
            }
            Console.WriteLine(string.Join("\t", found.Prepend(Text(vector, "name"))));
        }
    }
}
