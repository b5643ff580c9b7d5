package dbgen

import "strings"

// The word lists and weights of the benchmark's specification (clause 4.2.2.13 and the value lists of clause 4.2.3). A
// number after a word is its weight; without one it is 1. Misspellings are the benchmark's.

// dist is a weighted list of strings.
type dist struct {
	words []string
	// slot maps a draw in [0, total weight) to a word.
	slot []uint8
}

// weighted builds a dist from "word*weight" items separated by "|".
func weighted(list string) dist {
	var d dist
	for i, item := range strings.Split(list, "|") {
		word, weight := item, 1
		if w, digits, ok := strings.Cut(item, "*"); ok {
			word, weight = w, 0
			for _, c := range digits {
				weight = weight*10 + int(c-'0')
			}
		}
		d.words = append(d.words, word)
		for range weight {
			d.slot = append(d.slot, uint8(i))
		}
	}
	return d
}

// product is the list of all combinations of the given lists, the last one varying fastest.
func product(lists ...string) dist {
	out := []string{""}
	for _, list := range lists {
		var longer []string
		for _, head := range out {
			for tail := range strings.SplitSeq(list, "|") {
				longer = append(longer, strings.TrimPrefix(head+" "+tail, " "))
			}
		}
		out = longer
	}
	return weighted(strings.Join(out, "|"))
}

// at returns the word of a state of a stream.
func (d *dist) at(x uint64) string { return d.words[d.slot[pick(x, uint64(len(d.slot)))]] }

var (
	regionNames = strings.Split("AFRICA|AMERICA|ASIA|EUROPE|MIDDLE EAST", "|")

	// nationNames are in key order, each with the key of its region.
	nationNames = []struct {
		name   string
		region int64
	}{
		{"ALGERIA", 0}, {"ARGENTINA", 1}, {"BRAZIL", 1}, {"CANADA", 1}, {"EGYPT", 4}, {"ETHIOPIA", 0}, {"FRANCE", 3},
		{"GERMANY", 3}, {"INDIA", 2}, {"INDONESIA", 2}, {"IRAN", 4}, {"IRAQ", 4}, {"JAPAN", 2}, {"JORDAN", 4}, {"KENYA", 0},
		{"MOROCCO", 0}, {"MOZAMBIQUE", 0}, {"PERU", 1}, {"CHINA", 2}, {"ROMANIA", 3}, {"SAUDI ARABIA", 4}, {"VIETNAM", 2},
		{"RUSSIA", 3}, {"UNITED KINGDOM", 3}, {"UNITED STATES", 1},
	}

	partTypes = product("STANDARD|SMALL|MEDIUM|LARGE|ECONOMY|PROMO", "ANODIZED|BURNISHED|PLATED|POLISHED|BRUSHED",
		"TIN|NICKEL|BRASS|STEEL|COPPER")
	containers       = product("SM|LG|MED|JUMBO|WRAP", "CASE|BOX|BAG|JAR|PACK|PKG|CAN|DRUM")
	marketSegments   = weighted("AUTOMOBILE|BUILDING|FURNITURE|HOUSEHOLD|MACHINERY")
	orderPriorities  = weighted("1-URGENT|2-HIGH|3-MEDIUM|4-NOT SPECIFIED|5-LOW")
	shipInstructions = weighted("DELIVER IN PERSON|COLLECT COD|TAKE BACK RETURN|NONE")
	shipModes        = weighted("REG AIR|AIR|RAIL|TRUCK|MAIL|FOB|SHIP")
	returnFlags      = weighted("R|A")

	colors = strings.Split("almond|antique|aquamarine|azure|beige|bisque|black|blanched|blue|blush|brown|burlywood|burnished|"+
		"chartreuse|chiffon|chocolate|coral|cornflower|cornsilk|cream|cyan|dark|deep|dim|dodger|drab|firebrick|floral|forest|"+
		"frosted|gainsboro|ghost|goldenrod|green|grey|honeydew|hot|indian|ivory|khaki|lace|lavender|lawn|lemon|light|lime|"+
		"linen|magenta|maroon|medium|metallic|midnight|mint|misty|moccasin|navajo|navy|olive|orange|orchid|pale|papaya|peach|"+
		"peru|pink|plum|powder|puff|purple|red|rose|rosy|royal|saddle|salmon|sandy|seashell|sienna|sky|slate|smoke|snow|"+
		"spring|steel|tan|thistle|tomato|turquoise|violet|wheat|white|yellow", "|")
)

// The vocabulary and grammar of the prose. N, V and P are noun, verb and prepositional phrases, T the end of a sentence;
// inside phrases J is an adjective, D an adverb, N a noun, V a verb, X an auxiliary.
var (
	nouns = weighted("packages*40|requests*40|accounts*40|deposits*40|foxes*20|ideas*20|theodolites*20|pinto beans*20|" +
		"instructions*20|dependencies*10|excuses*10|platelets*10|asymptotes*10|courts*5|dolphins*5|multipliers|sauternes|" +
		"warthogs|frets|dinos|attainments|somas|Tiresias|patterns|forges|braids|frays|warhorses|dugouts|notornis|epitaphs|" +
		"pearls|tithes|waters|orbits|gifts|sheaves|depths|sentiments|decoys|realms|pains|grouches|escapades|hockey players")
	verbs = weighted("sleep*20|wake*20|are*20|cajole*20|haggle*20|nag*10|use*10|boost*10|affix*5|detect*5|integrate*5|" +
		"maintain|nod|was|lose|sublate|solve|thrash|promise|engage|hinder|print|x-ray|breach|eat|grow|impress|mold|poach|" +
		"serve|run|dazzle|snooze|doze|unwind|kindle|play|hang|believe|doubt")
	adverbs = weighted("sometimes|always|never|furiously*50|slyly*50|carefully*50|blithely*40|quickly*30|fluffily*20|slowly|" +
		"quietly|ruthlessly|thinly|closely|doggedly|daringly|bravely|stealthily|permanently|enticingly|idly|busily|" +
		"regularly|finally|ironically|evenly|boldly|silently")
	adjectives = weighted("special*20|pending*20|unusual*20|express*20|furious|sly|careful|blithe|quick|fluffy|slow|quiet|" +
		"ruthless|thin|close|dogged|daring|brave|stealthy|permanent|enticing|idle|busy|regular*50|final*40|ironic*40|" +
		"even*30|bold*20|silent*10")
	prepositions = weighted("about*50|above*50|according to*50|across*50|after*50|against*40|along*40|alongside of*30|" +
		"among*30|around*20|at*10|atop|before|behind|beneath|beside|besides|between|beyond|by|despite|during|except|for|from|" +
		"in place of|inside|instead of|into|near|of|on|outside|over|past|since|through|throughout|to|toward|under|until|up|" +
		"upon|whithout|with|within")
	auxiliaries = weighted("do|may|might|shall|will|would|can|could|should|ought to|must|will have to|shall have to|" +
		"could have to|should have to|must have to|need to|try to")
	terminators = weighted(".*50|;|:|?|!|--")

	sentences   = weighted("NVT*3|NVPT*3|NVNT*3|NPVNT|NPVPT")
	nounPhrases = weighted("N*10|JN*20|J,JN*10|DJN*50")
	verbPhrases = weighted("V*30|XV|VD*40|XVD")
)
