package functions

import "github.com/waterbear-sql/waterbear/internal/types"

// networkFunctions are the functions over IP addresses and UUIDs. An address lies in DuckDB as its 16 bytes, in which an IPv4
// address is a mapped one, so that bytes compare as addresses do.
var networkFunctions = []Function{
	{Signature: "contains(varchar, ipaddress)", Returns: "boolean", SQL: "wb_network_contains($1, $2)",
		Doc: "Tells whether an IP address is in a network, which is given in CIDR notation.",
		Examples: [][2]string{{"contains('10.0.0.0/8', IPADDRESS '10.1.2.3')", "true"},
			{"contains('2001:db8::/32', IPADDRESS '10.1.2.3')", "false"}}},
	{Signature: "uuid()", Returns: "uuid", Nondeterministic: true, SQL: randomUUID,
		Doc:      "A new random UUID.",
		Examples: [][2]string{{"length(CAST(uuid() AS varchar))", "36"}}},
}

func ipText(o Operand) string { return "wb_ip_text(" + o.SQL + ")" }

func parseIP(c *Caster, o Operand, to types.Type) string { return "wb_parse_ip(" + o.SQL + ")" }

func binaryToIP(c *Caster, o Operand, to types.Type) string { return "wb_binary_ip(" + o.SQL + ")" }

func parseUUID(c *Caster, o Operand, to types.Type) string {
	return cast("wb_parse_uuid("+o.SQL+")", "UUID")
}

func binaryToUUID(c *Caster, o Operand, to types.Type) string {
	return cast("wb_binary_uuid("+o.SQL+")", "UUID")
}

// uuidToBinary gives the bytes in the order of the text.
func uuidToBinary(c *Caster, o Operand, to types.Type) string {
	return "unhex(replace(" + cast(o.SQL, "VARCHAR") + ", '-', ''))"
}

// ipToBinary changes nothing: the type of the values is the same.
func ipToBinary(c *Caster, o Operand, to types.Type) string { return o.SQL }

// randomUUID is a version 4 UUID. Its bits come from the task's secret, where there is one, and from a random sequence that
// another attempt of the task has again: then the UUID is another one in every task, and the same in every attempt.
const randomUUID = "list_transform([md5(concat(coalesce(getvariable('" + SecretVariable + "'), gen_random_uuid()::VARCHAR), '/', random(), '/', random()))], " +
	"lambda _m: CAST(_m[:12] || '4' || _m[14:16] || substr('89ab', 1 + CAST(strpos('0123456789abcdef', _m[17]) AS BIGINT) % 4, 1) || _m[18:] AS UUID))[1]"

// SecretVariable is a DuckDB variable (VARCHAR) with a text that no other task has and that nobody can guess.
const SecretVariable = "waterbear_secret"
