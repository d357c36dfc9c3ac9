package main

func TestServe(t *testing.T) {
	http.ListenAndServe(":80", nil)
}
