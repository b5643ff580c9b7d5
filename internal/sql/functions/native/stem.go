package native

import (
	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/hungarian"
	"github.com/blevesearch/snowballstem/irish"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/romanian"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"

	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// stemmers are Snowball's, by the codes of their languages. A nil one is Trino's only.
var stemmers = map[string]func(*snowballstem.Env) bool{
	"da": danish.Stem, "de": german.Stem, "en": english.Stem, "es": spanish.Stem, "fi": finnish.Stem, "fr": french.Stem,
	"hu": hungarian.Stem, "ir": irish.Stem, "it": italian.Stem, "nl": dutch.Stem, "no": norwegian.Stem, "pt": portuguese.Stem,
	"ro": romanian.Stem, "ru": russian.Stem, "sv": swedish.Stem,
	"ca": nil, "eu": nil, "hy": nil, "lt": nil, "tr": nil,
}

func wordStem(word, language string) (any, error) {
	stem, ok := stemmers[language]
	if !ok {
		return nil, invalidArgument("Unknown stemmer language: %s", language)
	}
	if stem == nil {
		return nil, trinoerr.New(trinoerr.NotSupported, "word_stem is not supported for the language %s", language)
	}
	env := snowballstem.NewEnv(word)
	stem(env)
	return env.Current(), nil
}
