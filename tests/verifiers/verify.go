// Verifies license files and revocation lists as FORMAT.md says: with Go's standard library, and with nothing else.
//
//	go run verify.go jwks.json vectors.json
package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	largest = 64 * 1024
	skew    = 300
)

var compact = regexp.MustCompile(`^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$`)

// Key is a JWK; its algorithm is the only one that it verifies.
type Key struct{ Kid, Kty, Alg, X, Y, Purpose string }

// Known is what the product is, and what it remembers; moments are in seconds since 1970.
type Known struct {
	Audience        string           `json:"audience"`
	Serial          string           `json:"serial"`
	EnvironmentType *string          `json:"environment_type"`
	TestKeys        bool             `json:"test_keys"`
	HighestSeq      map[string]int64 `json:"highest_seq"`
	HighWater       int64            `json:"high_water"`
	Revocations     *string          `json:"revocations"`
	RevocationsSeq  int64            `json:"revocations_seq"`
}

// Result is what becomes of a license and of a list, and whether the clock is right.
type Result struct{ Verdict, Revocations, Clock string }

// object is JSON as it is: a struct would take members in other letters for its own.
type object map[string]any

// Verify says what a license file is worth at now to a product; what is wrong has its name in FORMAT.md.
func Verify(licenseFile string, keys map[string]Key, now int64, known Known) Result {
	claims, err := readLicense(licenseFile, keys, known)
	if err != nil {
		return Result{err.Error(), "none", "good"}
	}
	moment := latest(now, known.HighWater, claims.number("iat"))
	revoked, state := map[string]bool{}, "none"
	if known.Revocations != nil {
		list, err := readRevocations(*known.Revocations, keys, known)
		if err != nil {
			state = err.Error()
		} else {
			moment, state = latest(moment, list.number("iat")), "current"
			if list.number("exp") <= moment {
				state = "stale"
			}
			for _, each := range list["revocations"].([]any) {
				revoked[each.(map[string]any)["jti"].(string)] = true
			}
		}
	}
	clock := "good"
	if moment-now > skew {
		clock = "behind"
	}
	return Result{verdict(claims, revoked, moment, known), state, clock}
}

// verdict takes steps 15 to 22 of FORMAT.md.
func verdict(claims object, revoked map[string]bool, moment int64, known Known) string {
	_, ends := claims["exp"]
	switch {
	case claims["serial"] != known.Serial:
		return "WrongSerial"
	case known.EnvironmentType != nil && claims["environment_type"] != *known.EnvironmentType:
		return "WrongEnvironmentType"
	case claims.number("seq") < known.HighestSeq[claims["sub"].(string)]:
		return "OlderLicense"
	case revoked[claims["jti"].(string)]:
		return "Revoked"
	case moment < claims.number("nbf"):
		return "not yet valid"
	case !ends || moment < claims.number("license_end"):
		return "valid"
	case moment < claims.number("exp"):
		return "in grace"
	}
	return "expired"
}

// readLicense takes steps 1 to 14: the claims of a license file whose signature is good.
func readLicense(licenseFile string, keys map[string]Key, known Known) (object, error) {
	if len(licenseFile) > largest {
		return nil, errors.New("LicenseFileTooLarge")
	}
	claims, err := readSigned(licenseFile, "license+jwt", "NotALicenseFile", keys, known.TestKeys)
	if err != nil {
		return nil, err
	}
	if !claims.haveTexts("aud", "sub", "jti", "serial", "environment_type") ||
		!claims.haveCounts("iat", "nbf", "seq") || !claims.haveGoodTerm() {
		return nil, errors.New("ClaimMalformed")
	}
	if claims["aud"] != known.Audience {
		return nil, errors.New("NotForThisProduct")
	}
	return claims, nil
}

// readRevocations gives the claims of a revocation list that counts.
func readRevocations(list string, keys map[string]Key, known Known) (object, error) {
	claims, err := readSigned(list, "license-revocations+jwt", "NotARevocationList", keys, known.TestKeys)
	if err != nil {
		return nil, err
	}
	entries, areListed := claims["revocations"].([]any)
	if !areListed || !claims.haveCounts("iat", "exp", "seq") {
		return nil, errors.New("ClaimMalformed")
	}
	for _, each := range entries {
		if entry, isObject := each.(map[string]any); !isObject || !object(entry).haveTexts("jti") {
			return nil, errors.New("ClaimMalformed")
		}
	}
	if claims.number("seq") < known.RevocationsSeq {
		return nil, errors.New("OlderRevocations")
	}
	return claims, nil
}

// readSigned takes steps 2 to 12, of license files and lists alike.
func readSigned(text, kind, malformed string, keys map[string]Key, testKeys bool) (object, error) {
	token := strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	if !compact.MatchString(token) {
		return nil, errors.New(malformed)
	}
	segments := strings.Split(token, ".")
	header, err := jsonObject(segments[0])
	if err != nil {
		return nil, errors.New(malformed)
	}
	if header["typ"] != kind {
		return nil, errors.New("WrongType")
	}
	if _, demanded := header["crit"]; demanded {
		return nil, errors.New("UnknownExtension")
	}
	algorithm, _ := header["alg"].(string)
	if algorithm != "ES256" && algorithm != "EdDSA" {
		return nil, errors.New("WrongAlgorithm")
	}
	// The key, and with it the algorithm, is the product's choice and never the file's.
	kid, _ := header["kid"].(string)
	key, isKnown := keys[kid]
	if !isKnown {
		return nil, errors.New("UnknownKey")
	}
	if algorithm != key.Alg {
		return nil, errors.New("WrongAlgorithm")
	}
	if !isSignature(segments[0]+"."+segments[1], segments[2], key) {
		return nil, errors.New("SignatureMismatch")
	}
	if key.Purpose == "test" && !testKeys {
		return nil, errors.New("TestKey")
	}
	claims, err := jsonObject(segments[1])
	if err != nil {
		return nil, errors.New(malformed)
	}
	if claims["ver"] != json.Number("1") {
		return nil, errors.New("UnknownFormatVersion")
	}
	return claims, nil
}

func isSignature(signed, signature string, key Key) bool {
	raw, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || len(raw) != 64 {
		return false
	}
	x, errX := base64.RawURLEncoding.DecodeString(key.X)
	y, errY := base64.RawURLEncoding.DecodeString(key.Y)
	if errX != nil || errY != nil {
		return false
	}
	if key.Kty == "OKP" {
		return len(x) == ed25519.PublicKeySize && ed25519.Verify(x, []byte(signed), raw)
	}
	public := ecdsa.PublicKey{Curve: elliptic.P256(), X: new(big.Int).SetBytes(x), Y: new(big.Int).SetBytes(y)}
	digest := sha256.Sum256([]byte(signed))
	r, s := new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:])
	return ecdsa.Verify(&public, digest[:], r, s)
}

// haveGoodTerm asks that both ends are there, or absent when the license is perpetual.
func (claims object) haveGoodTerm() bool {
	_, hasEnd := claims["license_end"]
	_, hasGrace := claims["exp"]
	if !hasEnd && !hasGrace {
		return true
	}
	return claims.haveCounts("license_end", "exp") && claims.number("nbf") < claims.number("license_end") &&
		claims.number("license_end") <= claims.number("exp")
}

func (claims object) haveTexts(names ...string) bool {
	for _, name := range names {
		if text, isText := claims[name].(string); !isText || text == "" {
			return false
		}
	}
	return true
}

func (claims object) haveCounts(names ...string) bool {
	for _, name := range names {
		number, isNumber := claims[name].(json.Number)
		if count, err := number.Int64(); !isNumber || err != nil || count < 0 {
			return false
		}
	}
	return true
}

// number gives a claim that haveCounts found.
func (claims object) number(name string) int64 {
	count, _ := claims[name].(json.Number).Int64()
	return count
}

func jsonObject(segment string) (object, error) {
	raw, err := base64.RawURLEncoding.DecodeString(segment)
	if err != nil {
		return nil, err
	}
	// A decoder alone would overlook what is no UTF-8, and what stands behind the object.
	if !utf8.Valid(raw) || !json.Valid(raw) {
		return nil, errors.New("no JSON")
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var found object
	if err := decoder.Decode(&found); err != nil {
		return nil, err
	}
	if found == nil {
		return nil, errors.New("null")
	}
	return found, nil
}

func latest(first int64, others ...int64) int64 {
	for _, each := range others {
		if each > first {
			first = each
		}
	}
	return first
}

func load(name string, into any) {
	raw, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	var jwks struct{ Keys []Key }
	var file struct {
		Vectors []struct {
			Name, License string
			Now           int64
			Known
		}
	}
	load(os.Args[1], &jwks)
	load(os.Args[2], &file)
	keys := map[string]Key{}
	for _, each := range jwks.Keys {
		keys[each.Kid] = each
	}
	for _, each := range file.Vectors {
		found := Verify(each.License, keys, each.Now, each.Known)
		fmt.Println(strings.Join([]string{each.Name, found.Verdict, found.Revocations, found.Clock}, "\t"))
	}
}
