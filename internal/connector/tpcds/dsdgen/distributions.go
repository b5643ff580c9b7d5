package dsdgen

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed" // the distributions
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed distributions.txt.gz
var compressed []byte

// distribution is a list of entries with some values and some weights each.
type distribution struct {
	values  [][]string // by entry
	weights []weights  // by set of weights
}

// weights are one weight per entry.
type weights struct {
	sums  []int64  // sums[i] is the sum of the weights of the entries 0 to i
	entry []uint16 // the entry of each number from 0 to the total, where that is small
}

// maxLookup is the largest total of weights for which entries are looked up instead of searched.
const maxLookup = 1 << 16

// pick draws an entry.
func (w *weights) pick(s *stream) int {
	n := s.uniform(1, w.sums[len(w.sums)-1])
	if w.entry != nil {
		return int(w.entry[n])
	}
	i, _ := slices.BinarySearch(w.sums, n) // the first of equals: entries without weight repeat the sum
	return i
}

// at returns the weight of an entry.
func (w *weights) at(i int) int64 {
	if i == 0 {
		return w.sums[0]
	}
	return w.sums[i] - w.sums[i-1]
}

func (w *weights) total() int64 { return w.sums[len(w.sums)-1] }

// pick draws an entry by a set of weights and returns its first value.
func (d *distribution) pick(s *stream, set int) string { return d.values[d.weights[set].pick(s)][0] }

// cyclic returns the first value of entry i modulo the number of entries, and what is left of i.
func (d *distribution) cyclic(i int64) (value string, rest int64) {
	n := int64(len(d.values))
	return d.values[i%n][0], i / n
}

// number returns a value that is a number.
func (d *distribution) number(entry, value int) int64 {
	n, err := strconv.ParseInt(d.values[entry][value], 10, 64)
	if err != nil {
		panic(fmt.Sprintf("distributions: %v", err))
	}
	return n
}

// distributions are all distributions.
type distributions struct {
	adjectives, adverbs, articles, auxiliaries, nouns, prepositions, sentences, syllables, terminators, verbs *distribution

	brandSyllables, categories, colors, itemCurrentPrice, itemManagerID, itemManufactID, sizes, units *distribution
	classes                                                                                           []*distribution // by category

	cities, counties, countries, locationTypes, streetNames, streetTypes *distribution

	buyPotential, creditRatings, depCount, education, firstNames, genders, incomeBand, lastNames, maritalStatuses, purchaseBand,
	salutations, vehicleCount *distribution

	callCenterClasses, callCenterHours, callCenters, catalogPageTypes, returnReasons, shipModeCarrier, shipModeCode, shipModeType,
	topDomains, webPageUse *distribution

	calendar, hours *distribution
}

// The sets of weights that have names in the specification of the benchmark.
const (
	salesDays     = 2 // of calendar; leap years have the next one
	storeHours    = 1 // of hours
	remoteHours   = 2
	maleNames     = 0 // of firstNames
	femaleNames   = 1
	allNames      = 2
	maleTitles    = 1 // of salutations
	femaleTitles  = 2
	skewedColors  = 1 // of colors
	noSize        = 1 // of sizes
	someSize      = 2
	halfEmpty     = 1 // of streetNames
	steppedCities = 5 // of cities
	pagesByType   = 1 // of catalogPageTypes
)

// The values of a day of calendar, of a county and of a category.
const (
	dayQuarter   = 5
	dayHoliday   = 7
	countyName   = 1
	countyState  = 2
	countyZip    = 4
	countyOffset = 5
	categorySize = 2
)

var allDistributions = sync.OnceValue(func() *distributions {
	all := readDistributions()
	get := func(name string) *distribution {
		if all[name] == nil {
			panic("there is no distribution " + name)
		}
		return all[name]
	}
	d := &distributions{
		adjectives: get("adjectives"), adverbs: get("adverbs"), articles: get("articles"), auxiliaries: get("auxiliaries"), nouns: get("nouns"),
		prepositions: get("prepositions"), sentences: get("sentences"), syllables: get("syllables"), terminators: get("terminators"), verbs: get("verbs"),
		brandSyllables: get("brand_syllables"), categories: get("categories"), colors: get("colors"), itemCurrentPrice: get("item_current_price"),
		itemManagerID: get("item_manager_id"), itemManufactID: get("item_manufact_id"), sizes: get("sizes"), units: get("units"),
		cities: get("cities"), counties: get("fips"), countries: get("countries"), locationTypes: get("location_types"),
		streetNames: get("street_names"), streetTypes: get("street_types"),
		buyPotential: get("buy_potential"), creditRatings: get("credit_ratings"), depCount: get("dep_count"), education: get("education"),
		firstNames: get("first_names"), genders: get("genders"), incomeBand: get("income_band"), lastNames: get("last_names"),
		maritalStatuses: get("marital_statuses"), purchaseBand: get("purchase_band"), salutations: get("salutations"), vehicleCount: get("vehicle_count"),
		callCenterClasses: get("call_center_classes"), callCenterHours: get("call_center_hours"), callCenters: get("call_centers"),
		catalogPageTypes: get("catalog_page_types"), returnReasons: get("return_reasons"), shipModeCarrier: get("ship_mode_carrier"),
		shipModeCode: get("ship_mode_code"), shipModeType: get("ship_mode_type"), topDomains: get("top_domains"), webPageUse: get("web_page_use"),
		calendar: get("calendar"), hours: get("hours"),
	}
	for _, class := range []string{"women", "men", "children", "shoe", "music", "jewelry", "home", "sport", "book", "electronic"} {
		d.classes = append(d.classes, get(class+"_class"))
	}
	return d
})

// readDistributions reads the embedded text: for each distribution a line "= name" and one line per entry, its values, a colon
// and its weights, both separated by commas. A backslash takes the meaning of the sign that follows.
func readDistributions() map[string]*distribution {
	z, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		panic(fmt.Sprintf("distributions: %v", err))
	}
	all := map[string]*distribution{}
	var d *distribution
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		line := lines.Text()
		if name, ok := strings.CutPrefix(line, "= "); ok {
			d = &distribution{}
			all[name] = d
			continue
		}
		parts := splitUnescaped(line, ':')
		values, texts := splitUnescaped(parts[0], ','), splitUnescaped(parts[1], ',')
		for i, v := range values {
			values[i] = strings.ReplaceAll(v, `\`, "")
		}
		d.values = append(d.values, values)
		if d.weights == nil {
			d.weights = make([]weights, len(texts))
		}
		for i, text := range texts {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				panic(fmt.Sprintf("distributions: %q: %v", line, err))
			}
			w := &d.weights[i]
			if len(w.sums) > 0 {
				n += w.total()
			}
			w.sums = append(w.sums, n)
		}
	}
	if err := lines.Err(); err != nil {
		panic(fmt.Sprintf("distributions: %v", err))
	}
	for _, d := range all {
		for i := range d.weights {
			d.weights[i].index()
		}
	}
	return all
}

// index prepares looking entries up.
func (w *weights) index() {
	if w.total() > maxLookup {
		return
	}
	w.entry = make([]uint16, 1, w.total()+1)
	for i := range w.sums {
		for int64(len(w.entry)) <= w.sums[i] {
			w.entry = append(w.entry, uint16(i))
		}
	}
}

// splitUnescaped splits at the separators before which there is no backslash.
func splitUnescaped(s string, separator byte) []string {
	var out []string
	from := 0
	for i := range len(s) {
		if s[i] == separator && (i == 0 || s[i-1] != '\\') {
			out = append(out, strings.TrimSpace(s[from:i]))
			from = i + 1
		}
	}
	return append(out, strings.TrimSpace(s[from:]))
}
