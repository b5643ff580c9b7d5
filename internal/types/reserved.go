package types

import "strings"

// Reserved reports whether a word cannot be an identifier without quotes. Case does not matter.
func Reserved(word string) bool { return reservedWords[strings.ToUpper(word)] }
