package faker

import (
	"fmt"
	"math/rand/v2"
	"regexp/syntax"
	"strconv"
	"strings"

	"github.com/brianvoe/gofakeit/v7"
)

// expression is a text with directives in it, as #{Name.first_name} or #{regexify '[a-z]{3}'}: those of Datafaker.
type expression []part

// part is a text, or what makes one.
type part struct {
	text string
	make func(words *gofakeit.Faker, r *rand.Rand) string
}

// evaluate makes a text.
func (e expression) evaluate(words *gofakeit.Faker, r *rand.Rand) string {
	var b strings.Builder
	for _, p := range e {
		b.WriteString(p.text)
		if p.make != nil {
			b.WriteString(p.make(words, r))
		}
	}
	return b.String()
}

// parseExpression reads an expression.
func parseExpression(text string) (expression, error) {
	var e expression
	for {
		before, rest, found := strings.Cut(text, "#{")
		if before != "" {
			e = append(e, part{text: before})
		}
		if !found {
			return e, nil
		}
		name, args, rest, err := directive(rest)
		if err != nil {
			return nil, err
		}
		p, err := directiveOf(name, args)
		if err != nil {
			return nil, err
		}
		e, text = append(e, p), rest
	}
}

// directive reads what is behind #{: a name and arguments in quotes, separated by commas, and the closing brace.
func directive(text string) (name string, args []string, rest string, err error) {
	i := strings.IndexAny(text, " }'")
	if i <= 0 {
		return "", nil, "", fmt.Errorf("a directive has no name or no end: #{%s", text)
	}
	name, text = text[:i], text[i:]
	for {
		text = strings.TrimLeft(text, " ,")
		switch {
		case strings.HasPrefix(text, "}"):
			return name, args, text[1:], nil
		case !strings.HasPrefix(text, "'"):
			return "", nil, "", fmt.Errorf("an argument of %s is not in quotes", name)
		}
		var arg strings.Builder
		i := 1
		for ; i < len(text) && text[i] != '\''; i++ {
			if text[i] == '\\' && i+1 < len(text) && (text[i+1] == '\\' || text[i+1] == '\'') {
				i++
			}
			arg.WriteByte(text[i])
		}
		if i >= len(text) {
			return "", nil, "", fmt.Errorf("an argument of %s does not end", name)
		}
		args, text = append(args, arg.String()), text[i+1:]
	}
}

// directiveOf looks a directive up. Names are compared without regard to case and underscores, as Datafaker does.
func directiveOf(name string, args []string) (part, error) {
	key := strings.ToLower(strings.ReplaceAll(name, "_", ""))
	if f, ok := functions[key]; ok {
		make, err := f(args)
		if err != nil {
			return part{}, fmt.Errorf("%s: %w", name, err)
		}
		return part{make: make}, nil
	}
	if f, ok := words[key]; ok {
		if len(args) > 0 {
			return part{}, fmt.Errorf("%s takes no arguments", name)
		}
		return part{make: func(w *gofakeit.Faker, _ *rand.Rand) string { return f(w) }}, nil
	}
	return part{}, fmt.Errorf("there is no generator %s", name)
}

// functions are the directives with arguments.
var functions = map[string]func(args []string) (func(*gofakeit.Faker, *rand.Rand) string, error){
	"regexify":  regexify,
	"numerify":  pattern(true, false),
	"letterify": pattern(false, true),
	"bothify":   pattern(true, true),
	"options.option": func(args []string) (func(*gofakeit.Faker, *rand.Rand) string, error) {
		if len(args) == 0 {
			return nil, fmt.Errorf("there is nothing to choose from")
		}
		return func(_ *gofakeit.Faker, r *rand.Rand) string { return args[r.IntN(len(args))] }, nil
	},
	"number.numberbetween": func(args []string) (func(*gofakeit.Faker, *rand.Rand) string, error) {
		if len(args) != 2 {
			return nil, fmt.Errorf("it takes two numbers")
		}
		low, err := strconv.ParseInt(args[0], 10, 32)
		if err != nil {
			return nil, err
		}
		high, err := strconv.ParseInt(args[1], 10, 32)
		if err != nil {
			return nil, err
		}
		if low > high {
			return nil, fmt.Errorf("%d is greater than %d", low, high)
		}
		// The upper bound is not included, unless it is the lower one.
		return func(_ *gofakeit.Faker, r *rand.Rand) string {
			return strconv.FormatInt(low+r.Int64N(max(1, high-low)), 10)
		}, nil
	},
	"number.digits": func(args []string) (func(*gofakeit.Faker, *rand.Rand) string, error) {
		if len(args) != 1 {
			return nil, fmt.Errorf("it takes the number of digits")
		}
		n, err := strconv.ParseUint(args[0], 10, 8)
		if err != nil {
			return nil, err
		}
		return func(_ *gofakeit.Faker, r *rand.Rand) string {
			return fillPattern(strings.Repeat("#", int(n)), true, false, false, r)
		}, nil
	},
}

// pattern makes the directives in which # stands for a digit and ? for a letter; a second argument asks for upper case.
func pattern(digits, letters bool) func([]string) (func(*gofakeit.Faker, *rand.Rand) string, error) {
	return func(args []string) (func(*gofakeit.Faker, *rand.Rand) string, error) {
		upper := len(args) == 2 && strings.EqualFold(args[1], "true")
		if len(args) == 0 || len(args) > 2 || len(args) == 2 && !letters {
			return nil, fmt.Errorf("wrong number of arguments")
		}
		return func(_ *gofakeit.Faker, r *rand.Rand) string { return fillPattern(args[0], digits, letters, upper, r) }, nil
	}
}

func fillPattern(text string, digits, letters, upper bool, r *rand.Rand) string {
	out := []byte(text)
	for i, c := range out {
		switch {
		case c == '#' && digits:
			out[i] = byte('0' + r.IntN(10))
		case c == '?' && letters && upper:
			out[i] = byte('A' + r.IntN(26))
		case c == '?' && letters:
			out[i] = byte('a' + r.IntN(26))
		}
	}
	return string(out)
}

// maxRepeat bounds * and + of regular expressions.
const maxRepeat = 10

// regexify makes texts that match a regular expression.
func regexify(args []string) (func(*gofakeit.Faker, *rand.Rand) string, error) {
	if len(args) != 1 {
		return nil, fmt.Errorf("it takes a regular expression")
	}
	re, err := syntax.Parse(args[0], syntax.Perl)
	if err != nil {
		return nil, err
	}
	return func(_ *gofakeit.Faker, r *rand.Rand) string {
		var b strings.Builder
		matching(&b, re, r)
		return b.String()
	}, nil
}

// matching writes a text that matches.
func matching(b *strings.Builder, re *syntax.Regexp, r *rand.Rand) {
	repeat := func(low, high int) {
		for range low + r.IntN(high-low+1) {
			matching(b, re.Sub[0], r)
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte(byte(' ' + r.IntN('~'-' '+1)))
	case syntax.OpCharClass:
		b.WriteRune(oneOf(re.Rune, r))
	case syntax.OpStar:
		repeat(0, maxRepeat)
	case syntax.OpPlus:
		repeat(1, maxRepeat)
	case syntax.OpQuest:
		repeat(0, 1)
	case syntax.OpRepeat:
		high := re.Max
		if high < 0 {
			high = re.Min + maxRepeat
		}
		repeat(re.Min, high)
	case syntax.OpAlternate:
		matching(b, re.Sub[r.IntN(len(re.Sub))], r)
	default: // concatenations and groups; what is empty, as anchors, has no parts
		for _, sub := range re.Sub {
			matching(b, sub, r)
		}
	}
}

// oneOf is a character of a class, given as pairs of first and last ones: one that can be printed, if there are any.
func oneOf(pairs []rune, r *rand.Rand) rune {
	for _, within := range [][2]rune{{' ', '~'}, {0, 0x10FFFF}} {
		count := 0
		for i := 0; i < len(pairs); i += 2 {
			count += max(0, int(min(pairs[i+1], within[1])-max(pairs[i], within[0]))+1)
		}
		if count == 0 {
			continue
		}
		n := rune(r.IntN(count))
		for i := 0; i < len(pairs); i += 2 {
			first := max(pairs[i], within[0])
			size := max(0, min(pairs[i+1], within[1])-first+1)
			if n < size {
				return first + n
			}
			n -= size
		}
	}
	return ' '
}

// words are the directives without arguments, by Datafaker's names.
var words = map[string]func(*gofakeit.Faker) string{
	"name.firstname":         (*gofakeit.Faker).FirstName,
	"name.lastname":          (*gofakeit.Faker).LastName,
	"name.name":              (*gofakeit.Faker).Name,
	"name.fullname":          (*gofakeit.Faker).Name,
	"name.prefix":            (*gofakeit.Faker).NamePrefix,
	"name.suffix":            (*gofakeit.Faker).NameSuffix,
	"name.title":             (*gofakeit.Faker).JobTitle,
	"address.streetname":     (*gofakeit.Faker).StreetName,
	"address.streetaddress":  (*gofakeit.Faker).Street,
	"address.buildingnumber": (*gofakeit.Faker).StreetNumber,
	"address.city":           (*gofakeit.Faker).City,
	"address.state":          (*gofakeit.Faker).State,
	"address.stateabbr":      (*gofakeit.Faker).StateAbr,
	"address.zipcode":        (*gofakeit.Faker).Zip,
	"address.postcode":       (*gofakeit.Faker).Zip,
	"address.country":        (*gofakeit.Faker).Country,
	"address.countrycode":    (*gofakeit.Faker).CountryAbr,
	"address.fulladdress": func(w *gofakeit.Faker) string {
		return w.Street() + ", " + w.City() + ", " + w.StateAbr() + " " + w.Zip()
	},
	"company.name":            (*gofakeit.Faker).Company,
	"company.suffix":          (*gofakeit.Faker).CompanySuffix,
	"job.title":               (*gofakeit.Faker).JobTitle,
	"internet.emailaddress":   (*gofakeit.Faker).Email,
	"internet.username":       (*gofakeit.Faker).Username,
	"internet.domainname":     (*gofakeit.Faker).DomainName,
	"internet.url":            (*gofakeit.Faker).URL,
	"internet.ipv4address":    (*gofakeit.Faker).IPv4Address,
	"internet.ipv6address":    (*gofakeit.Faker).IPv6Address,
	"internet.uuid":           (*gofakeit.Faker).UUID,
	"phonenumber.phonenumber": (*gofakeit.Faker).PhoneFormatted,
	"phonenumber.cellphone":   (*gofakeit.Faker).PhoneFormatted,
	"currency.code":           (*gofakeit.Faker).CurrencyShort,
	"currency.name":           (*gofakeit.Faker).CurrencyLong,
	"commerce.productname":    (*gofakeit.Faker).ProductName,
	"color.name":              (*gofakeit.Faker).Color,
	"color.hex":               (*gofakeit.Faker).HexColor,
	"book.title":              (*gofakeit.Faker).BookTitle,
	"book.author":             (*gofakeit.Faker).BookAuthor,
	"animal.name":             (*gofakeit.Faker).Animal,
	"lorem.word":              (*gofakeit.Faker).LoremIpsumWord,
	"lorem.sentence":          func(w *gofakeit.Faker) string { return w.LoremIpsumSentence(6) },
	"lorem.paragraph":         func(w *gofakeit.Faker) string { return w.LoremIpsumParagraph(1, 4, 8, " ") },
}
